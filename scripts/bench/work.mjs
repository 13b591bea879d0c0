/**
 * The work that every contestant but passbridge does with these functions: the card's body out of a
 * customer, the call that makes it, and results that go home by 50. passbridge does the same with its
 * own code, from the template in examples/programs.yaml.
 */

import { Pool } from 'undici';

/** What Bloomreach takes at once, and how long a result waits for others: passbridge's defaults. */
const BATCH = 50;
const MAX_WAIT_MS = 1000;
const WEEK_MS = 7 * 24 * 3600 * 1000;

/** One post of JSON, by undici. */
export function postByUndici(url) {
  const pool = new Pool(url, { pipelining: 1 });
  return async (path, body) => {
    const { statusCode, body: answer } = await pool.request({
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (statusCode >= 300) throw new Error(`${path} answered ${statusCode}`);
    return JSON.parse(text);
  };
}

/** The same by the fetch that comes with Node. */
export function postByFetch(url) {
  return async (path, body) => {
    const answer = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return answer.json();
  };
}

/** Makes the card of a customer; resolves to what is to be written back. */
export function makeCreate(post) {
  return async (customer) => {
    const { data } = await post('/accounts/bench/passes', cardOf(customer, Date.now()));
    return {
      name: 'customers',
      command_id: customer.registered,
      data: {
        customer_ids: { registered: customer.registered },
        properties: {
          passmachine_pass_id: data.id,
          passmachine_pass_link: data.ro.microsite.url,
          passmachine_pass_gendate: Math.floor(Date.now() / 1000),
          passmachine_pass_email: customer.email,
        },
      },
    };
  };
}

/** Gathers results and sends 50 at once; each promise is resolved when Bloomreach has taken its result. */
export function makeWriteBack(post) {
  let waiting = [];
  let timer;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const batch = waiting;
    waiting = [];
    post('/track/v2/projects/bench/batch', { commands: batch.map(({ command }) => command) }).then(
      () => batch.forEach(({ resolve }) => resolve()),
      (error) => batch.forEach(({ reject }) => reject(error)),
    );
  };

  return (command) =>
    new Promise((resolve, reject) => {
      waiting.push({ command, resolve, reject });
      if (waiting.length === BATCH) flush();
      else timer ??= setTimeout(flush, MAX_WAIT_MS);
    });
}

/** The body of examples/programs.yaml. */
function cardOf(customer, now) {
  return {
    templateId: 'temple_id_passmachine',
    templateVariables: {
      kpFirstName: customer.first_name,
      kpLastName: customer.last_name,
      kpCardNumber: customer.id,
      kpDiscountCode: 'SALE123',
      fieldValue: 'NOTIFICATION',
      changeMessage: inAWeek(now),
    },
    metadata: { email: customer.email, registered: customer.registered },
  };
}

/** dd-mm-yyyy hh:mm:ss. */
function inAWeek(now) {
  const [date, time] = new Date(now + WEEK_MS).toISOString().slice(0, 19).split('T');
  return `${date.split('-').toReversed().join('-')} ${time}`;
}
