/** Writes the files generated from the source (`npm run docs`): settings, failure codes, metrics, example programs and the schema. */

import { readFileSync, writeFileSync } from 'node:fs';
import { envExample } from '../dist/config/dot-env.js';
import { chapters } from '../dist/config/environment.js';
import { failureKinds } from '../dist/domain/failures/failure.js';
import { SAMPLE_VOUCHER, whyUnrendered } from '../dist/domain/jobs/program.js';
import { methodsByType } from '../dist/programs/python/attributes.js';
import { builtin } from '../dist/programs/jinja/library/builtin.js';
import * as refusals from '../dist/programs/jinja/refusals.js';
import { programsSchema } from '../dist/programs/file/program-shape.js';
import { makeMetrics } from '../dist/services/monitoring/metrics/metrics.js';
import { aboutExample, cardExamples, programOfExample } from '../dist/services/programs/card-examples.js';
import { openFile } from '../dist/sources/open-file.js';
import { campaignActions } from '../dist/domain/campaigns/campaign-action.js';
import * as campaignOptions from '../dist/domain/campaigns/options/campaign-options.js';
import { configurationPage } from './docs/configuration-page.mjs';
import { errorsPage } from './docs/errors-page.mjs';
import { metricsPage } from './docs/metrics-page.mjs';
import { withOptionsTable } from './docs/options-table.mjs';
import { programsPage } from './docs/programs-page.mjs';
import { withJinjaTables } from './docs/jinja-tables.mjs';

const root = new URL('../', import.meta.url);
const write = (path, text) => writeFileSync(new URL(path, root), text);

const examples = { aboutExample, cardExamples, openFile, programOfExample, SAMPLE_VOUCHER, whyUnrendered };

write('.env.example', envExample());
write('docs/configuration.md', configurationPage(chapters));
write('docs/errors.md', errorsPage(failureKinds));
write('docs/programs.md', await programsPage(examples));
write('docs/metrics.md', metricsPage(makeMetrics()));
write('schema/programs.schema.json', programsSchema());

const campaigns = readFileSync(new URL('docs/campaigns.md', root), 'utf8');
const table = { options: campaignOptions, actions: campaignActions };
write('docs/campaigns.md', withOptionsTable(campaigns, table));

const templates = readFileSync(new URL('docs/templates.md', root), 'utf8');
write('docs/templates.md', withJinjaTables(templates, { builtin, methodsByType, refusals }));
