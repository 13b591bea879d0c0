/** What proves that a request was sent from one of our pages; undefined on a page that changes nothing. */
export function csrfToken(): string | undefined {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content;
}
