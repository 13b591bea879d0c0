/**
 * Prints the bundled export: 300 invented customers of a fashion brand, identical on every run.
 *
 *     node scripts/example-export.mjs > examples/customers.csv
 *
 * 293 of them get a card. The others show how passbridge treats a row without a customer id, a row without an e-mail, a
 * duplicate row, three customers who already have a card, and a customer rejected by Passmachine (the sandbox rejects
 * every address at refuse.example).
 */

const ROWS = 300;

const columns = [
  'registered',
  'first_name',
  'last_name',
  'email',
  'id',
  'language',
  'city',
  'loyalty_points',
  'loyalty_tier',
  'passmachine_pass_id',
];

/** Regions of the customers, weighted by frequency. Each group of last names matches its first names. */
const regions = [
  {
    weight: 9,
    language: 'cs',
    cities: 'Praha|Brno|Ostrava|Plzeň|Liberec|Olomouc|České Budějovice|Hradec Králové|Ústí nad Labem|Zlín',
    names: [
      {
        first: 'Žofie|Tereza|Eliška|Kateřina|Anežka|Lucie|Barbora|Šárka|Magdaléna|Božena|Růžena|Adéla',
        last: 'Nováková|Řehořová|Dvořáková|Černá|Procházková|Kučerová|Veselá|Šťastná|Němcová|Žáková',
      },
      {
        first: 'Řehoř|Jiří|Matěj|Vojtěch|Ondřej|Tomáš|Lukáš|Štěpán|Zdeněk|Kryštof',
        last: 'Novák|Dvořák|Svoboda|Říha|Šimůnek|Kříž|Červený|Čapek|Žižka|Hájek',
      },
    ],
  },
  {
    weight: 4,
    language: 'sk',
    cities: 'Bratislava|Košice|Žilina|Nitra|Prešov|Banská Bystrica|Trenčín',
    names: [
      {
        first: 'Ľubica|Zuzana|Ľudmila|Katarína|Mária|Soňa|Daniela',
        last: 'Kováčová|Horváthová|Ďuricová|Hudáková|Šoltésová|Ľuptáková',
      },
      { first: 'Ľubomír|Juraj|Ján|Michal|Ďuro|Štefan', last: 'Kováč|Horváth|Mráz|Sloboda|Šťavina|Hudák' },
    ],
  },
  {
    weight: 2,
    language: 'pl',
    cities: 'Warszawa|Kraków|Łódź|Wrocław|Gdańsk',
    names: [
      { first: 'Małgorzata|Agnieszka|Żaneta|Zofia', last: 'Wiśniewska|Wójcik|Dąbrowska|Łukasik' },
      { first: 'Łukasz|Paweł|Michał|Sławomir', last: 'Kowalczyk|Zieliński|Woźniak|Gołąb' },
    ],
  },
  {
    weight: 2,
    language: 'de',
    cities: 'Wien|Graz|München|Köln|Dresden|Zürich',
    names: [{ first: 'Jürgen|Björn|Lukas|Käthe|Anna|Sören', last: 'Müller|Groß|Schäfer|Weiß|Bäcker|Jäger' }],
  },
  {
    weight: 1,
    language: 'en',
    cities: 'Dublin|Cork|London|Amsterdam|Antwerpen|Göteborg',
    names: [
      {
        first: "Zoë|Siobhán|Conor|Chloé|André|D'Arcy",
        last: "O'Brien|O’Neill|van der Berg|Åkesson|García|Smith-Jones",
      },
    ],
  },
];

/** Edge cases that a careless program would get wrong, by row index from 0. */
const edgeCases = {
  3: { first_name: 'Zoë', last_name: "O'Brien", city: 'Dublin', language: 'en' },
  11: { first_name: 'Jana "Jája"', last_name: 'Svobodová' },
  24: { city: 'Brno\nKrálovo Pole' },
  37: { first_name: 'Klára', last_name: 'Šťastná, MBA' },
  52: { first_name: 'Ela 🌸', last_name: 'Malá' },
  68: { first_name: 'Václav', last_name: 'Novák <VIP> & synové' },
  85: { city: 'Praha\\Žižkov' },
  97: { first_name: 'Björn', last_name: 'Åkesson', city: 'Göteborg', language: 'en' },
  41: { passmachine_pass_id: 'pass_7f3a91c0d2e84b65' },
  129: { passmachine_pass_id: 'pass_15be40a98c7d4f02' },
  206: { passmachine_pass_id: 'pass_c86d03f7be194a5e' },
  74: { email: '' },
  158: { email: 'rejected@refuse.example' },
  187: { registered: '' },
};

/** Row `index` repeats the customer of row `of`. */
const repeated = { index: 233, of: 60 };

const tiers = [
  { from: 3000, name: 'platinum' },
  { from: 1200, name: 'gold' },
  { from: 400, name: 'silver' },
  { from: 0, name: 'bronze' },
];

/** Returns a seeded generator of numbers in [0, 1) (linear congruential). */
function makeRandom() {
  let state = 20_261_123;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function makeCustomers() {
  const random = makeRandom();
  const pick = (list) => list[Math.floor(random() * list.length)];
  const oneOf = (names) => pick(names.split('|'));
  const byWeight = regions.flatMap((region) => Array(region.weight).fill(region));
  const addresses = new Set();

  const addressOf = (name) => {
    const plain = asciiOf(name);
    const domain = random() < 0.7 ? 'example.com' : 'example.org';
    let address = `${plain}@${domain}`;
    for (let count = 2; addresses.has(address); count += 1) address = `${plain}${count}@${domain}`;
    addresses.add(address);
    return address;
  };

  const makeCustomer = (index) => {
    const region = pick(byWeight);
    const group = pick(region.names);
    const profile = {
      first_name: oneOf(group.first),
      last_name: oneOf(group.last),
      language: region.language,
      city: oneOf(region.cities),
      ...edgeCases[index],
    };
    const points = Math.floor(5000 * random() ** 2);
    return {
      registered: String(104_200 + index * 37 + Math.floor(random() * 37)).padStart(8, '0'),
      email: addressOf(`${profile.first_name}.${profile.last_name}`),
      id: `0420${String(Math.floor(random() * 1e8)).padStart(8, '0')}`,
      loyalty_points: points,
      loyalty_tier: tiers.find(({ from }) => points >= from)?.name,
      passmachine_pass_id: '',
      ...profile,
    };
  };

  const customers = Array.from({ length: ROWS }, (_, index) => makeCustomer(index));
  customers[repeated.index] = customers[repeated.of];
  return customers;
}

/** Letters that Unicode normalization does not split into a base letter and an accent. */
const plainLetters = { ł: 'l', ß: 'ss', ø: 'o' };

function asciiOf(name) {
  return name
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/[łßø]/g, (letter) => plainLetters[letter])
    .replaceAll(/[^a-z.-]/g, '');
}

function cellOf(value) {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const lines = makeCustomers().map((customer) => columns.map((column) => cellOf(customer[column])).join(','));
process.stdout.write(`${[columns.join(','), ...lines].join('\n')}\n`);
