/** Collects over the rows of a source what is valid and probably not meant. */

import { customerKey } from '../domain/jobs/pass-job.ts';
import { makeCustomerSet } from './customer-set.ts';
import { makeDecodedTwice } from './decoded-twice.ts';
import { makeTruthColumns } from './truth-columns.ts';
import type { WarningCollector } from './warning-collector.ts';

/** Ids that a warning names. */
const LISTED_IDS = 3;

/** `truthTests`: attributes that a template or the condition tests by their bare value. */
export function makePreflightWarnings(truthTests: readonly string[]): WarningCollector {
  const collectors = [makeTruthColumns(truthTests), makeSimilarIds(), makeDecodedTwice()];
  return {
    add: (row, customer) => collectors.forEach((collector) => collector.add(row, customer)),
    result: () => collectors.flatMap((collector) => collector.result()),
  };
}

/** Of e-mails only: other ids, such as those of Salesforce, may differ in nothing but case. Takes 32 bytes a customer. */
function makeSimilarIds(): WarningCollector {
  const exact = makeCustomerSet();
  const folded = makeCustomerSet();
  const ids: string[] = [];
  let rows = 0;
  return {
    add(_row, customer) {
      const key = customerKey(customer);
      if (!key.includes('@') || !exact.add(key) || folded.add(key.normalize('NFC').toLowerCase())) return;
      rows += 1;
      if (ids.length < LISTED_IDS) ids.push(key.slice(key.indexOf(':') + 1));
    },
    result: () => (rows === 0 ? [] : [{ kind: 'similar-ids', ids, rows }]),
  };
}
