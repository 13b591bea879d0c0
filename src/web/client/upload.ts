/** Uploads a chosen file in chunks while the form is filled in, and shows the progress. */

import { csrfToken } from './main.ts';

interface TusUpload {
  url: string | null;
  start(): void;
  abort(): Promise<void>;
  findPreviousUploads(): Promise<unknown[]>;
  resumeFromPreviousUpload(previous: unknown): void;
}

interface TusOptions {
  endpoint: string;
  chunkSize: number;
  retryDelays: number[];
  headers: Record<string, string>;
  metadata: Record<string, string>;
  removeFingerprintOnSuccess: boolean;
  onShouldRetry(error: UploadError): boolean;
  onProgress(sent: number, total: number): void;
  onSuccess(): void;
  onError(error: UploadError): void;
}

/** `originalResponse`: absent if the server could not be reached. */
interface UploadError extends Error {
  originalResponse?: { getStatus(): number; getBody(): string } | null;
}

declare const tus: { Upload: new (file: File, options: TusOptions) => TusUpload };

/** Small enough that a slow connection uploads a chunk within the server's request timeout. */
const CHUNK_BYTES = 2 * 1024 * 1024;

/** Status of a server without room; an operator has to act first. */
const DISK_FULL = 507;

/** Returns the message of a refusal `{"error":{"message"}}`; undefined for any other answer. */
function messageOf(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { error?: { message?: string } }).error?.message;
  } catch {
    return undefined;
  }
}

const form = document.querySelector<HTMLFormElement>('#draft');
const input = form?.querySelector<HTMLInputElement>('input[type="file"]');
const bar = form?.querySelector<HTMLProgressElement>('progress');
const status = form?.querySelector<HTMLElement>('#upload-state');
const [id, fileName] = ['upload', 'name'].map((field) =>
  form?.querySelector<HTMLInputElement>(`input[name="${field}"]`),
);

if (form && input && bar && status && id && fileName) {
  let running: TusUpload | undefined;
  const uploadChosen = () => {
    const file = input.files?.[0];
    void running?.abort();
    id.value = '';
    bar.hidden = file === undefined;
    status.textContent = '';
    if (file !== undefined) void start(file).then((upload) => (running = upload));
  };
  input.addEventListener('change', uploadChosen);
  form.addEventListener('submit', (event) => {
    if (input.files?.length !== 1 || id.value !== '') return;
    event.preventDefault();
    status.textContent = 'Please wait for the upload to finish.';
  });

  const start = async (file: File): Promise<TusUpload> => {
    const upload = new tus.Upload(file, {
      endpoint: '/uploads',
      chunkSize: CHUNK_BYTES,
      retryDelays: [0, 1000, 3000, 10_000, 30_000],
      headers: {
        'csrf-token': csrfToken() ?? '',
      },
      metadata: { filename: file.name },
      removeFingerprintOnSuccess: true,
      onShouldRetry: ({ originalResponse }) => {
        const code = originalResponse?.getStatus() ?? 0;
        return code === 0 || code === 409 || code === 423 || (code >= 500 && code !== DISK_FULL);
      },
      onProgress(sent, total) {
        bar.max = total;
        bar.value = sent;
        // In steps of 10 %, so that screen readers do not announce every chunk.
        const percent = Math.floor((sent / Math.max(total, 1)) * 10) * 10;
        status.textContent = `Uploading ${percent} %`;
      },
      onSuccess() {
        id.value = upload.url?.split('/').at(-1) ?? '';
        fileName.value = file.name;
        bar.value = bar.max;
        status.textContent = `${file.name} uploaded.`;
      },
      onError(error) {
        status.textContent =
          messageOf(error.originalResponse?.getBody() ?? '') ??
          `Upload failed (${error.message}). Choose the file again to continue.`;
      },
    });
    const [previous] = await upload.findPreviousUploads();
    if (previous !== undefined) upload.resumeFromPreviousUpload(previous);
    upload.start();
    return upload;
  };

  // The file may have been chosen before this script loaded, or restored by the browser's back button.
  if (input.files?.length === 1 && id.value === '') uploadChosen();
}
