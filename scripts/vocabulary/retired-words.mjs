/**
 * The words that this project no longer uses, each with the term that replaces it. One row per concept, in the
 * order of `docs/glossary.md`. `npm run check:vocabulary` fails on any of them.
 */

/**
 * @typedef {object} RetiredWord
 * @property {string} words Words as they appear in prose or inside an identifier, separated by spaces.
 * @property {string} use The term to use instead.
 * @property {'everywhere' | 'identifiers'} [in] Where they are refused; `everywhere` by default. Words that are plain
 *   English in a sentence are refused in identifiers only.
 * @property {RegExp} [except] Lines on which the word means something else, e.g. the name of a library's method.
 * @property {RegExp} [exceptFiles] Files in which the word is another project's term.
 */

/** @type {readonly RetiredWord[]} */
export const retiredWords = [
  // Bulk actions and the audit log
  { words: 'receipt receipts', use: 'bulk action' },
  { words: 'act acts', use: 'action (what an operator did), audit entry (its record)', in: 'identifiers' },
  // Services and endpoints
  { words: 'desk desks surroundings', use: '…Service, or deps' },
  { words: 'door doors', use: 'webhook endpoint, row filter' },
  { words: 'hit hits', use: 'webhook request' },
  // Customers
  { words: 'people person persons who whom whose', use: 'customer, operator', in: 'identifiers' },
  { words: 'news', use: 'timeline entry, change', in: 'identifiers' },
  // Notifications
  { words: 'ring rings ringing rang rung', use: 'notification, notification limit', except: /ring buffer/i },
  // Campaign requests
  { words: 'wish wishes wished', use: 'options, request' },
  { words: 'survey surveys scout', use: 'preflight, row count' },
  { words: 'hindrance hindrances', use: 'blocker' },
  { words: 'fitting', use: 'preflight', in: 'identifiers' },
  // Monitoring
  { words: 'pulse pulses vitals', use: 'heartbeat, process stats' },
  { words: 'beat beats', use: 'heartbeat', in: 'identifiers' },
  { words: 'traffic', use: 'call stats', in: 'identifiers' },
  { words: 'pace paces', use: 'throughput samples', in: 'identifiers' },
  // In the event program it is an attribute of a ticket.
  { words: 'seat seats', use: 'slot', exceptFiles: /^(examples\/cards\/event\.yaml|docs\/programs\.md)$/ },
  // The call limiter
  { words: 'turnstile', use: 'call limiter' },
  { words: 'turn turns approach', use: 'slot', in: 'identifiers', except: /turn(ed|s)?[ _](on|off)/i },
  // The queue
  { words: 'stay stays', use: 'delivery id', in: 'identifiers' },
  { words: 'fallen aside', use: 'stalled out, dead letter', in: 'identifiers' },
  { words: 'putback comeback takeback', use: 'requeue, retryLater, restore', in: 'identifiers' },
  // Imports and results
  { words: 'parcel parcels', use: 'import batch' },
  { words: 'loose', use: 'pending', in: 'identifiers', except: /\.looseObject\(/ },
  { words: 'fate fates suffer', use: 'row result, fault' },
  { words: 'strike strikes', use: 'fault', in: 'identifiers' },
  { words: 'saves', use: 'write-backs', in: 'identifiers' },
  // Kit
  { words: 'withhold withheld curtailed curtail gist', use: 'redact, truncate, log fields' },
  { words: 'gather insist insistent insistently latch', use: 'micro-batch, retry, deferred' },
  // Claims
  { words: 'flight flights', use: 'in-flight claim', in: 'identifiers', except: /in[-_ ]?flight/i },
  // Schedules
  // Prometheus calls an active alert firing.
  {
    words: 'firing firings',
    use: 'due run',
    except: /alerts?\b.*\bfiring|firing\b.*\balert/i,
    exceptFiles: /^(deploy|test\/deploy)\//,
  },
  // Words without a technical meaning
  { words: 'place places', use: 'path, location, index', in: 'identifiers' },
  { words: 'told tell tells telling', use: 'reported, report', in: 'identifiers' },
  { words: 'look looks looked looking', use: 'check, read, preview', in: 'identifiers' },
  // The reader of a ReadableStream keeps its name.
  {
    words: 'reader readers',
    use: 'parser, viewer, subscriber',
    in: 'identifiers',
    except: /getReader|ReadableStream|\(reader\) =>|\breader\.(read|cancel|releaseLock)\(/,
  },
  // Codes
  { words: 'UNUSABLE SHUT_OUT NOT_STORED', use: 'INVALID_REQUEST, RATE_LIMITED, UNAVAILABLE' },
  // Prose
  { words: 'whoever somebody nobody whomever', use: 'a noun: the operator, a worker, no process' },
  { words: 'whom', use: 'a noun' },
  { words: 'anew mend mends mended mending', use: 'again, fix, repair' },
];

/** Retired phrases, in any letter case, on one line. */
export const retiredPhrases = new Map([
  ['let go of', 'released'],
  ['gives way', 'yields, is replaced'],
  ['in hand', 'prefetched, current'],
  ['at hand', 'available'],
  ['so many', 'N, this many'],
  ['goes on', 'continues'],
  ['the same one', 'the same, plus the noun'],
  ['such a one', 'a noun'],
]);

/** Retired flags, settings and fields, spelled exactly. */
export const retiredNames = new Map([
  ['--max-rings', '--max-notifications-per-day'],
  ['--rung-enough', '--over-limit'],
  ['rung-enough', 'notification-limit'],
  ['maxRings', 'maxNotificationsPerDay'],
  ['rungEnough', 'overLimit'],
  ['PEOPLE_INDEX', 'CUSTOMER_INDEX'],
]);

/** Tests that a retired name is rejected, with the new name as the hint. */
export const namesMayAppear = [
  /^test\/programs\/file\/schedules\.test\.ts$/,
  /^test\/config\/load\.test\.ts$/,
  /^test\/cli\/bad-input\.redis\.test\.ts$/,
];
