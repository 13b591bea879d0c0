/** Preloaded into a process: shifts `Date` by the seconds that the file HOST_CLOCK_FILE holds, as it is rewritten. */

import { readFileSync } from 'node:fs';

const HostDate = Date;
let aheadMs = 0;
const read = () => {
  aheadMs = Number(readFileSync(process.env.HOST_CLOCK_FILE, 'utf8')) * 1000;
};
read();
setInterval(read, 10).unref();

globalThis.Date = class extends HostDate {
  constructor(...given) {
    super(...(given.length === 0 ? [HostDate.now() + aheadMs] : given));
  }
  static now() {
    return HostDate.now() + aheadMs;
  }
};
