/** The card design of a world: bodies that name their customer and their job, so that Passmachine knows whose they are. */

import {
  type Program,
  type Template,
  type TemplateContext,
  type Json,
  JOB_ID_KEY,
} from '../../src/domain/jobs/program.ts';

function makeTemplate(body: (context: TemplateContext) => Json, usesVoucher = false): Template {
  return {
    render: (context) => ({ ok: true, body: body(context) }),
    usesText: false,
    usesVoucher,
    uses: [],
    needs: [],
    truthTests: [],
  };
}

export function makeSimulatedProgram(hasVouchers: boolean): Program {
  return {
    name: 'loyalty',
    card: 'loyalty',
    templateId: 'template',
    ...(hasVouchers && { vouchers: 'pool' }),
    jobIdKey: JOB_ID_KEY,
    source: {},
    version: 'v1',
    create: makeTemplate(
      ({ customer_ids: ids, voucher }) => ({
        templateId: 'template',
        templateVariables: { customer: ids['registered'] ?? '', ...(voucher !== undefined && { voucher }) },
      }),
      hasVouchers,
    ),
    // The text of a campaign is its id.
    notify: makeTemplate(({ customer, text = '' }) => {
      const job = `${text}-${String(customer['row'])}`;
      return [
        { op: 'replace', path: '/fields/text/value', value: job, job },
        { op: 'replace', path: '/fields/text/changeMessage', value: '%@', job },
      ];
    }),
    attributes: makeTemplate(({ webhook }) => ({
      passmachine_pass_id: (webhook as { data: { id: string } }).data.id,
    })),
    writesBack: ['passmachine_pass_id'],
  };
}
