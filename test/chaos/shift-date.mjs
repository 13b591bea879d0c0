/** Preloaded into a process: shifts `Date` by the seconds that the file HOST_CLOCK_FILE holds, as it is rewritten. */

import { readFileSync } from 'node:fs';

const HostDate = Date;
let aheadMs = 0;
const read = () => {
  aheadMs = Number(readFileSync(process.env['HOST_CLOCK_FILE'] ?? '', 'utf8')) * 1000;
};
read();
setInterval(read, 10).unref();

class ShiftedDate extends HostDate {
  constructor(/** @type {any[]} */ ...given) {
    const shifted = given.length === 0 ? [HostDate.now() + aheadMs] : given;
    super(.../** @type {[number]} */ (shifted));
  }
  static now() {
    return HostDate.now() + aheadMs;
  }
}
// Called without `new`, it throws instead of returning a text; nothing here does that.
globalThis.Date = /** @type {DateConstructor} */ (/** @type {unknown} */ (ShiftedDate));
