/**
 * The simulated Bloomreach: the tracking API with its three shapes of error, its `success: true` for batches with failed
 * commands and its refusal of a whole batch for one malformed command, and the export of customers. Bloomreach queues
 * writes; the sandbox applies them immediately.
 */

import type { Clock } from '../kit/clock.ts';
import { isObject } from '../kit/is-object.ts';
import { type Answer, answer, basicCredentials, type BloomreachRoute, type Call } from './call.ts';
import { makeCommands, makePermissionCheck, type Permission, permissionOf } from './commands.ts';
import { type CustomerExportOptions, makeCustomerExport } from './customer-export.ts';
import { type CustomerRecords, makeCustomers } from './customers.ts';
import { type Imports, makeImports } from './imports.ts';

const BATCH_LIMIT = 50;
/** Documented for one update; applied to the whole body, which is the safe reading. */
const BODY_LIMIT_BYTES = 800_000;

export interface BloomreachOptions {
  projectToken: string;
  apiKeyId: string;
  apiSecret: string;
  /** Returns the errors of a fault rule for a command. */
  refusal: (command: unknown) => string[] | undefined;
  onProperties: (properties: Record<string, unknown>) => void;
  /** The `Authorization` header that imports send to fetch their files. */
  importAuthorization: string | undefined;
  exports: CustomerExportOptions;
  /** Permissions that the key lacks. */
  forbidden: readonly Permission[];
}

export interface Bloomreach {
  readonly customers: CustomerRecords;
  readonly imports: Pick<Imports, 'ended' | 'hold' | 'release'>;
  answer(route: BloomreachRoute, call: Call): Answer;
  reset: () => void;
}

export function makeBloomreach(options: BloomreachOptions, clock: Clock): Bloomreach {
  const customers = makeCustomers();
  const run = makeCommands(customers, options.onProperties, clock);
  const imports = makeImports({
    idTypes: ['registered'],
    authorization: options.importAuthorization,
    run,
    clock,
  });
  const exportCustomers = makeCustomerExport(options.exports, customers);
  const credentials = `${options.apiKeyId}:${options.apiSecret}`;
  const missingPermission = makePermissionCheck(options.forbidden);

  const refusalOf = (project: string, { headers, bytes }: Call): Answer | undefined => {
    const given = basicCredentials(headers);
    if (given === undefined) return answer(401, { success: false, error: 'Access key not provided' });
    // 400 as documented, not 404.
    if (project !== options.projectToken) return answer(400, { success: false, error: 'Invalid project id' });
    if (given !== credentials) return answer(400, { success: false, error: 'Could not authenticate' });
    if (bytes > BODY_LIMIT_BYTES) return answer(400, { success: false, message: 'Request is too large' });
    return undefined;
  };

  const single = (name: string, { json }: Call): Answer => {
    const forbidden = missingPermission(permissionOf(name));
    if (forbidden !== undefined) return answer(403, { success: false, errors: forbidden });
    if (!isObject(json)) return answer(400, { success: false, errors: ['Invalid JSON'] });
    const errors = run(name, json);
    return errors.length > 0
      ? answer(400, { success: false, errors })
      : answer(200, { success: true }, { applied: true });
  };

  const batch = ({ json }: Call): Answer => {
    if (!isObject(json)) return answer(400, { success: false, message: 'Invalid JSON' });
    const { commands } = json;
    if (!Array.isArray(commands) || commands.length === 0) {
      return answer(400, { success: false, message: 'No commands' });
    }
    if (commands.length > BATCH_LIMIT) {
      return answer(400, {
        success: false,
        message: `Too many commands, at most ${BATCH_LIMIT} are allowed`,
      });
    }
    if (!commands.every(isObject)) return answer(400, { success: false, message: 'Invalid JSON' });

    const start_time = clock() / 1000;
    const results = commands.map((command) => {
      const errors =
        options.refusal(command) ??
        missingPermission(permissionOf(command['name'])) ??
        run(command['name'], command['data']);
      // JSON omits it if the command has none, as in Bloomreach's sample.
      const command_id = command['command_id'];
      return errors.length > 0 ? { success: false, command_id, errors } : { success: true, command_id };
    });
    const refused = results.filter(({ success }) => !success).length;
    return answer(
      200,
      { results, start_time, end_time: clock() / 1000, success: true },
      { applied: refused < commands.length, commands: commands.length, refused },
    );
  };

  return {
    customers,
    imports,
    answer(route, call) {
      const refusal = refusalOf(route.project, call);
      if (refusal !== undefined) return refusal;
      switch (route.kind) {
        case 'batch':
          return batch(call);
        case 'customers':
          return single('customers', call);
        case 'events':
          return single('customers/events', call);
        case 'import':
          return imports.start(call);
        case 'export': {
          const errors = missingPermission('export');
          return errors === undefined ? exportCustomers(call) : answer(403, { success: false, errors });
        }
      }
    },
    reset: customers.clear,
  };
}
