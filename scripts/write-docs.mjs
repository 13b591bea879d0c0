/** Writes the files that are made from the source: run it after a change to a setting, a failure code, a metric or the programs file's shape (`npm run docs`). */

import { writeFileSync } from 'node:fs';
import { metricsPage } from '../dist/services/monitoring/metrics/metrics-docs.js';
import { configurationPage, envExample } from '../dist/config/environment-docs.js';
import { cardExamplesPage } from '../dist/services/programs/card-examples-page.js';
import { programsSchema } from '../dist/programs/file/program-shape.js';
import { failureKinds } from '../dist/domain/failures/failure.js';
import { errorsPage } from './docs/errors-page.mjs';

const root = new URL('../', import.meta.url);

writeFileSync(new URL('.env.example', root), envExample());
writeFileSync(new URL('docs/configuration.md', root), configurationPage());
writeFileSync(new URL('docs/errors.md', root), errorsPage(failureKinds));
writeFileSync(new URL('docs/programs.md', root), await cardExamplesPage());
writeFileSync(new URL('docs/metrics.md', root), metricsPage());
writeFileSync(new URL('schema/programs.schema.json', root), programsSchema());
