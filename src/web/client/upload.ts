/** Sends a chosen file in pieces while the form is filled in, and shows how far it is. */

import { csrfToken } from './csrf-token.ts';

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
  onProgress(sent: number, total: number): void;
  onSuccess(): void;
  onError(error: Error & { originalResponse?: { getStatus(): number; getBody(): string } | null }): void;
}

declare const tus: { Upload: new (file: File, options: TusOptions) => TusUpload };

/** A slow line has a piece through well within the time that the server waits for a request. */
const PIECE = 2 * 1024 * 1024;

const form = document.querySelector<HTMLFormElement>('#draft');
const chosen = form?.querySelector<HTMLInputElement>('input[type="file"]');
const bar = form?.querySelector<HTMLProgressElement>('progress');
const word = form?.querySelector<HTMLElement>('#upload-state');
const [id, fileName] = ['upload', 'name'].map((field) =>
  form?.querySelector<HTMLInputElement>(`input[name="${field}"]`),
);

if (form && chosen && bar && word && id && fileName) {
  let running: TusUpload | undefined;
  const sendChosen = () => {
    const file = chosen.files?.[0];
    void running?.abort();
    id.value = '';
    bar.hidden = file === undefined;
    word.textContent = '';
    if (file !== undefined) void begin(file).then((upload) => (running = upload));
  };
  chosen.addEventListener('change', sendChosen);
  form.addEventListener('submit', (event) => {
    if (chosen.files?.length !== 1 || id.value !== '') return;
    event.preventDefault();
    word.textContent = 'Wait until the file is here.';
  });

  const begin = async (file: File): Promise<TusUpload> => {
    const upload = new tus.Upload(file, {
      endpoint: '/uploads',
      chunkSize: PIECE,
      retryDelays: [0, 1000, 3000, 10_000, 30_000],
      headers: {
        'csrf-token': csrfToken() ?? '',
      },
      metadata: { filename: file.name },
      removeFingerprintOnSuccess: true,
      onProgress(sent, total) {
        bar.max = total;
        bar.value = sent;
        // Said every tenth, so that a screen reader is not drowned in figures.
        const tenth = Math.floor((sent / Math.max(total, 1)) * 10) * 10;
        word.textContent = `${tenth} % sent`;
      },
      onSuccess() {
        id.value = upload.url?.split('/').at(-1) ?? '';
        fileName.value = file.name;
        bar.value = bar.max;
        word.textContent = `${file.name} is here.`;
      },
      onError(error) {
        const refusal = error.originalResponse?.getStatus() === 413;
        word.textContent = refusal
          ? `${file.name} is larger than this server takes. Compress it with gzip, or split it.`
          : `It could not be sent (${error.message}). Choose it again to go on where it broke off.`;
      },
    });
    const [previous] = await upload.findPreviousUploads();
    if (previous !== undefined) upload.resumeFromPreviousUpload(previous);
    upload.start();
    return upload;
  };

  // Chosen before this was loaded, or put back by the browser when somebody came back to the page.
  if (chosen.files?.length === 1 && id.value === '') sendChosen();
}
