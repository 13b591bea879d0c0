/**
 * The words that are shown and kept of a text that an upstream wrote. Such a text may name a customer anywhere: `Customer Jana
 * Nováková blocked`. So it is shown by an allowlist, as `Customer … blocked`: words of API errors, which are no names.
 * Words that are first names as well, such as `mark`, `grant`, `will` and `max`, are left out.
 */

const MASK = '…';

const GRAMMAR = `
  a about above after again against all allowed already also always an and another any anymore are as at available be
  because been before being below between both but by can cannot could current currently did do does done down due during
  each either else empty enough etc every except expected few first for found from full given had has have having he her
  here his how if in instead into is it its itself just last later least less like longer made make many missing more most
  much must need needed needs neither never new next no none nor not nothing now of off ok old on once one only or other
  others our out over own per please present previous previously provided rather re same see seen sent set several shall
  she should since so some something soon still such than that the their them then there these they this those through
  times to together too try trying twice two under unless until up upon us use used using via was we were what when where
  whether which while who whose why with within without would yes yet you your n't isn aren wasn weren doesn don didn hasn
  haven couldn cannot won wouldn shouldn
`;

const PROTOCOL = `
  abort aborted accept acceptable accepted access account action activated active add address administrator again alive
  answer answered api app application archived argument arguments array attempt attempts attribute attributes auth
  authenticate authenticated authentication authorization authorize authorized bad base batch bearer billing blocked body
  bool boolean breaker browser buffer bug busy byte bytes cache call called calls cancelled canceled catalog category
  certificate change changed channel character characters charset check checked client close closed cloudflare code codes
  command commands complete concurrency configuration configured conflict conflicting connect connection constraint
  contact contain contains content context conversion count create created creation credential credentials data database
  date day days deadline deadlock debug deleted denied deprecated detail details detected device disabled disconnected
  dns domain duplicate duplicated encoding end endpoint ended endpoints entity entry enum error errors event events exceed
  exceeded exception exceeds execute execution exist existing exists expired expires expiry export expression fail failed
  failure false fatal fault feature fetch field fields file files filter firewall flag forbidden format found function
  gateway get gone group handler handshake header headers hint host hour hours html http https id identifier identifiers
  ids illegal image implemented import inactive incomplete incorrect index info information initialize input instance
  insufficient integer integration internal interval invalid issue item items json jwt key keys kind label language large
  latency length level limit limited limits link list load loaded local locale location lock locked log login logs long
  loop lost maintenance malformed mandatory match matches matching maximum media memory message messages metadata method
  min minimum minute minutes mismatch missing mode modified module name named names negative network node null number
  object objects offline offset operation operations option optional options order organization origin outage overload
  overloaded owner page parameter parameters parse parsed parser parsing password patch path pattern payload pending
  permission permissions permitted plan platform policy port position positive post prefix private problem process
  processed processing product production profile program project projects prohibited properties property protected
  protocol proxy public put query queue quota range rate raw read reading reason received record recursion redirect
  reference refresh refused region registered reject rejected relation remote remove removed replace replaced replica
  request requested requests require required requires reserved reset resolve resource resources response responses
  restricted result results retried retries retry return returned revoked role root route row rule rules schema scope
  script second seconds secret section secure segment semantic send server servers service services session setting
  settings short shutdown signature size slow socket source space stack stale start started state status step stop
  stopped storage store stream string subscription success successful successfully suffix support supported suspended
  syntax system table tag target task temporarily temporary tenant terminated test text throttled throttling time timed
  timeout timestamp title tls token tokens total track traffic transaction transport trial true type types unable
  unauthenticated unauthorized unavailable undefined unexpected unique unit unknown unlock unmatched unprocessable
  unreachable unreadable unrecognized unresolved unsupported unverified update updated upgrade upload upstream
  uri url usage user username utf uuid valid validate validated validation value values variable variables verification
  verified verify version violated violation wait waiting warning web webhook window worker write written wrong xml zone
  zero known cut ms rows column columns econnrefused econnreset enotfound etimedout epipe ehostunreach eai unprocessableentity notfound badrequest
`;

const CARDS = `
  added android clicked delivered device installed ios ipad iphone opened pushed scanned uninstalled watch e-mail e-mails
  accommodation apple barcode business card cards coupon coupons customer customers discount email emails fan fieldvalue
  gendate gift google issue issued kp loyalty mail membership microsite mobile notification notifications notify pass
  passes passmachine bloomreach permanent phone points qr replace section stamp template templates templateid
  templatevariables tour tourist travel voucher vouchers wallet zip
`;

/** Words of errors in Czech, the language of Passmachine's makers. */
const CZECH = `
  a aby byl byla bylo být chyba chybí chybný chybná chybné do existuje formát hodnota je již karta karty kartu klíč kód
  ke limit má musí na nebo není nebyl nebyla nebylo neexistuje nelze nenalezen nenalezena nenalezeno neplatný neplatná
  neplatné nesprávný neznámý neznámá o od parametr po pole povinné povinný požadavek pro překročen prázdné při přístup
  se šablona šablony účet uživatel už v ve vyžaduje vypršel z za zablokován zakázán zákazník zákazníka zamítnut zpráva
`;

const KNOWN = new Set(`${GRAMMAR} ${PROTOCOL} ${CARDS} ${CZECH}`.split(/\s+/).filter((word) => word !== ''));

/** Letters with what joins the parts of an identifier: `templateVariables`, `first_name`, `isn't`. */
const WORD = /[\p{L}\p{M}]+(?:['’_-][\p{L}\p{M}]+)*/gu;

/** Replaces every word that is not known by `…`. What is no word, such as a slash, is kept. */
export function keepKnownWords(text: string): string {
  return text.replaceAll(WORD, (word) => (isKnown(word) ? word : MASK));
}

function isKnown(word: string): boolean {
  if (KNOWN.has(word.toLowerCase())) return true;
  const parts = word.split(/['’_-]|(?<=\p{Ll})(?=\p{Lu})/u);
  return (
    parts.length > 1 && parts.every((part) => part === 't' || part === 's' || KNOWN.has(part.toLowerCase()))
  );
}
