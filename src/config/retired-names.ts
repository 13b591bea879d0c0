/**
 * Names that earlier drafts and notes used, and what to write instead. Suggestions by spelling cannot find
 * these: the command line, the environment and the programs file look here first.
 */

const flags: Readonly<Record<string, string>> = {
  '--max-rings': '--max-notifications-per-day',
  '--rung-enough': '--over-limit',
  '--on': '--target',
  '--also-marks': '--also-card-markers',
};

const settings: Readonly<Record<string, string>> = {
  PEOPLE_INDEX: 'CUSTOMER_INDEX',
};

const fileKeys: Readonly<Record<string, string>> = {
  maxRings: 'maxNotificationsPerDay',
  rungEnough: 'overLimit',
};

/** Returns the flag that replaced a retired one, or undefined. */
export const replacementFlag = lookUp(flags);

/** Returns the setting that replaced a retired environment variable, or undefined. */
export const replacementSetting = lookUp(settings);

/** Returns the key that replaced a retired key of the programs file, or undefined. */
export const replacementKey = lookUp(fileKeys);

function lookUp(names: Readonly<Record<string, string>>): (name: string) => string | undefined {
  return (name) => (Object.hasOwn(names, name) ? names[name] : undefined);
}
