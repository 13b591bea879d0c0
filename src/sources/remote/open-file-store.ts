/** Opens the place that a location describes. Nothing is called before the first listing. */

import type { FilePlace } from '../../domain/campaigns/source-definition.ts';
import type { FileStore, StoreOptions } from './file-store.ts';
import { openFolderStore } from './folder-store.ts';

/** The clients of SFTP and S3 are loaded only where they are used: S3's takes 20 MB. */
export async function openFileStore(location: FilePlace, options: StoreOptions): Promise<FileStore> {
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
