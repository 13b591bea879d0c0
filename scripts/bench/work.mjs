/**
 * The work shared by all contestants except passbridge: building the body of a card from a customer, the call that
 * makes the card, and the write-back of results in batches of 50. passbridge does the same with its own code, from the
 * template in examples/programs.yaml.
 */

import { Pool } from 'undici';

/** Batch size and maximum wait of a result for its batch: passbridge's defaults. */
const BATCH = 50;
const MAX_WAIT_MS = 1000;
const WEEK_MS = 7 * 24 * 3600 * 1000;

/** Returns a function that posts JSON through an undici pool. */
export function postByUndici(url) {
  const pool = new Pool(url, { pipelining: 1 });
  return async (path, body) => {
    const { statusCode, body: responseBody } = await pool.request({
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
      body: JSON.stringify(body),
    });
    const text = await responseBody.text();
    if (statusCode >= 300) throw new Error(`${path} answered ${statusCode}`);
    return JSON.parse(text);
  };
}

/** Returns the same function on top of Node's own fetch. */
export function postByFetch(url) {
  return async (path, body) => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return response.json();
  };
}

/** Returns a function that makes the card of a customer and resolves with its write-back command. */
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

/** Returns a function that sends results in batches of 50; its promise resolves when Bloomreach accepted the result. */
export function makeWriteBack(post) {
  let pending = [];
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const batch = pending;
    pending = [];
    post('/track/v2/projects/bench/batch', { commands: batch.map(({ command }) => command) }).then(
      () => batch.forEach(({ resolve }) => resolve()),
      (error) => batch.forEach(({ reject }) => reject(error)),
    );
  };

  return (command) =>
    new Promise((resolve, reject) => {
      pending.push({ command, resolve, reject });
      if (pending.length === BATCH) flush();
      else timer ??= setTimeout(flush, MAX_WAIT_MS);
    });
}

/** Returns the body that examples/programs.yaml renders. */
function cardOf(customer, now) {
  return {
    templateId: 'temple_id_passmachine',
    templateVariables: {
      kpFirstName: customer.first_name,
      kpLastName: customer.last_name,
      kpCardNumber: customer.id,
      kpDiscountCode: 'SALE123',
      fieldValue: 'NOTIFICATION',
      changeMessage: oneWeekAfter(now),
    },
    metadata: { email: customer.email, registered: customer.registered },
  };
}

/** Formats as dd-mm-yyyy hh:mm:ss. */
function oneWeekAfter(now) {
  const [date = '', time] = new Date(now + WEEK_MS).toISOString().slice(0, 19).split('T');
  return `${date.split('-').toReversed().join('-')} ${time}`;
}
