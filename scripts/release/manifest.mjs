/** The package.json of a release, and what must agree with it. */

/**
 * @typedef {{ name: string, version: string, files: string[], [field: string]: unknown }} Manifest
 */

/** Fields that only a checkout needs: the bundle contains its dependencies, and the git remote says where it comes from. */
const CHECKOUT_ONLY = new Set(['scripts', 'dependencies', 'devDependencies', 'overrides', 'allowScripts']);

/**
 * Returns the published package.json.
 *
 * @param {Manifest} manifest of the checkout
 * @param {string | undefined} remote URL of the git repository that is released
 * @returns {Manifest}
 */
export function releaseManifest(manifest, remote) {
  const kept = Object.entries(manifest).filter(([field]) => !CHECKOUT_ONLY.has(field));
  return {
    .../** @type {Manifest} */ (Object.fromEntries(kept)),
    ...(remote === undefined ? {} : originOf(remote)),
  };
}

/** `https://host/path`, `ssh://git@host:22/path` or `git@host:path`, each with or without `.git`. */
const REACHABLE =
  /^(?:(?:https?|ssh|git):\/\/(?:[^@/]+@)?([^:/]+)(?::\d+)?\/|[^@:/]+@([^:/]+):)(.+?)(?:\.git)?\/?$/;

/** Returns where to read the source and to report problems; nothing if the remote is a folder of this machine. */
function originOf(/** @type {string} */ remote) {
  const [, host = '', sshHost = host, path] = REACHABLE.exec(remote) ?? [];
  if (path === undefined) return {};
  const page = `https://${sshHost}/${path}`;
  return {
    repository: { type: 'git', url: `git+${page}.git` },
    homepage: `${page}#readme`,
    bugs: { url: `${page}/issues` },
  };
}

/** Returns the changes of a version. Throws if the changelog has no dated section for it, or an unreleased one. */
export function changesOf(/** @type {string} */ changelog, /** @type {string} */ version) {
  const sections = changelog.split(/^## /m).slice(1);
  if (sections.some((section) => /^\[Unreleased\]\n+\S/.test(section)))
    throw new Error('CHANGELOG.md: move the lines below [Unreleased] to the section of the version');
  const section = sections.find((text) => text.startsWith(`[${version}] - `));
  if (section === undefined || !/^\S+ - \d{4}-\d{2}-\d{2}\n/.test(section))
    throw new Error(
      `CHANGELOG.md has no section "## [${version}] - YYYY-MM-DD"; package.json names that version`,
    );
  return section.slice(section.indexOf('\n')).trim();
}
