/**
 * Prints the bundled export: 300 made-up customers of a fashion brand, the same ones every time.
 *
 *     node scripts/example-export.mjs > examples/customers.csv
 *
 * 293 of them get a card. The others show what passbridge does about a row without a customer id,
 * one without an e-mail, one that stands in the file twice, three who have a card already, and one
 * that Passmachine refuses (the demo's stand-in refuses every address at refuse.example).
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

/** Where customers come from, weighted by how often; surnames fit the first names beside them. */
const regions = [
  {
    weight: 9,
    language: 'cs',
    cities: 'Praha|Brno|Ostrava|Plzeň|Liberec|Olomouc|České Budějovice|Hradec Králové|Ústí nad Labem|Zlín',
    people: [
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
    people: [
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
    people: [
      { first: 'Małgorzata|Agnieszka|Żaneta|Zofia', last: 'Wiśniewska|Wójcik|Dąbrowska|Łukasik' },
      { first: 'Łukasz|Paweł|Michał|Sławomir', last: 'Kowalczyk|Zieliński|Woźniak|Gołąb' },
    ],
  },
  {
    weight: 2,
    language: 'de',
    cities: 'Wien|Graz|München|Köln|Dresden|Zürich',
    people: [{ first: 'Jürgen|Björn|Lukas|Käthe|Anna|Sören', last: 'Müller|Groß|Schäfer|Weiß|Bäcker|Jäger' }],
  },
  {
    weight: 1,
    language: 'en',
    cities: 'Dublin|Cork|London|Amsterdam|Antwerpen|Göteborg',
    people: [
      {
        first: "Zoë|Siobhán|Conor|Chloé|André|D'Arcy",
        last: "O'Brien|O’Neill|van der Berg|Åkesson|García|Smith-Jones",
      },
    ],
  },
];

/** Customers, by their place in the file, that a careless program stumbles over; 0 is the first. */
const peculiar = {
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

/** This place holds the customer of that other place once more. */
const repeated = { place: 233, of: 60 };

const tiers = [
  { from: 3000, name: 'platinum' },
  { from: 1200, name: 'gold' },
  { from: 400, name: 'silver' },
  { from: 0, name: 'bronze' },
];

/** Numbers in [0, 1), the same ones every time (a linear congruential generator). */
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

  const makeCustomer = (place) => {
    const region = pick(byWeight);
    const names = pick(region.people);
    const person = {
      first_name: oneOf(names.first),
      last_name: oneOf(names.last),
      language: region.language,
      city: oneOf(region.cities),
      ...peculiar[place],
    };
    const points = Math.floor(5000 * random() ** 2);
    return {
      registered: String(104_200 + place * 37 + Math.floor(random() * 37)).padStart(8, '0'),
      email: addressOf(`${person.first_name}.${person.last_name}`),
      id: `0420${String(Math.floor(random() * 1e8)).padStart(8, '0')}`,
      loyalty_points: points,
      loyalty_tier: tiers.find(({ from }) => points >= from).name,
      passmachine_pass_id: '',
      ...person,
    };
  };

  const customers = Array.from({ length: ROWS }, (_, place) => makeCustomer(place));
  customers[repeated.place] = customers[repeated.of];
  return customers;
}

/** Letters that do not come apart into a plain one and an accent. */
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
