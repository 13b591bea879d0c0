/** What Node itself would print as plain text between the lines of a JSON log: its warnings, and the end by a bug. */

import type { Logger } from '../logger.ts';

/**
 * Holds Node's warnings back from now on, so that none is printed before there is a log. Returns the function that logs
 * them, those to come included, and an exception that ends the process.
 */
export function captureNodeWarnings(): (log: Pick<Logger, 'warn' | 'fatal'>) => void {
  const held: Error[] = [];
  let handle = (warning: Error): void => void held.push(warning);
  // Node's own listener prints them.
  process.removeAllListeners('warning');
  process.on('warning', (warning) => handle(warning));
  return (log) => {
    handle = (warning) => {
      const { name, message, stack } = warning;
      const code = 'code' in warning ? warning.code : undefined;
      log.warn({ event: 'node.warning', name, code, stack }, message);
    };
    held.splice(0).forEach((warning) => handle(warning));
    process.on('uncaughtExceptionMonitor', (error, origin) => {
      log.fatal({ event: 'process.crashed', origin, err: error }, 'passbridge ends because of a bug');
    });
  };
}
