/** Light or dark, as the reader's system has it; set before anything is drawn. */

const wish = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.setAttribute('data-bs-theme', wish.matches ? 'dark' : 'light');
follow();
wish.addEventListener('change', follow);
