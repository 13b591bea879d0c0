/** Writes the files that are made from the source: run it after a change to a setting or a failure code (`npm run docs`). */

import { writeFileSync } from 'node:fs';
import { configurationPage, envExample } from '../dist/config/environment-docs.js';
import { errorsPage } from '../dist/job/failure-docs.js';

const root = new URL('../', import.meta.url);

writeFileSync(new URL('.env.example', root), envExample());
writeFileSync(new URL('docs/configuration.md', root), configurationPage());
writeFileSync(new URL('docs/errors.md', root), errorsPage());
