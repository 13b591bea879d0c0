/** Opens the store of a location. Connects at the first listing. */

import type { FileLocation } from '../../domain/campaigns/source-definition.ts';
import type { FileStore, StoreOptions } from './file-store.ts';
import { openFolderStore } from './folder-store.ts';

/** Loads the clients of SFTP and S3 only if they are used: that of S3 takes 20 MB. */
export async function openFileStore(location: FileLocation, options: StoreOptions): Promise<FileStore> {
  switch (location.kind) {
    case 'folder':
      return openFolderStore(location);
    case 'sftp': {
      const { openSftpStore } = await import('./sftp-store.ts');
      return openSftpStore(location, options);
    }
    case 's3': {
      const { openS3Store } = await import('./s3-store.ts');
      return openS3Store(location, options);
    }
  }
}
