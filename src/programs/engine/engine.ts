/**
 * Opens instances of the template engine (minijinja, compiled to WebAssembly), each with its own memory. The package
 * itself has one instance per process and never replaces it: one trap, for example because a template ran out
 * of memory, would end all templates for good.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import type { Environment } from 'minijinja-js';
import { BUDGET, meterModule } from './metered-module.ts';

/** Of 64 KiB: 64 MiB in all. With 2,000 templates an engine needs about 20 MiB. */
const MAX_PAGES = 1024;

/** Enough for the environment, and for adding its filters and functions. */
const SETUP_BUDGET = 10_000_000;

export interface Engine {
  environment: Environment;
  /**
   * What the environment may still use, in units of about one instruction: 2 to 10 million take a millisecond.
   * Negative after it was exceeded; the engine must not be used again then.
   */
  budget: number;
}

/** The export of the glue code that holds those of the module. */
const WASM = '__wasm';

/** The package's glue code. It keeps state, so each instance has its own. */
interface Glue {
  Environment: typeof Environment;
  [WASM]: { [BUDGET]: WebAssembly.Global<'i32'> };
}

let openGlue: (() => Glue) | undefined;

/** Opens an engine. Throws if the package has parts that this file does not know. */
export function openEngine(): Engine {
  openGlue ??= loadGlue();
  const { Environment: Opened, [WASM]: wasm } = openGlue();
  const budget = wasm[BUDGET];
  budget.value = SETUP_BUDGET;
  return {
    environment: new Opened(),
    get budget() {
      return budget.value;
    },
    set budget(units) {
      // The global has 32 bits.
      budget.value = Math.max(units, -1);
    },
  };
}

/** A trap is a result here; the package would print its stack. */
const silent = { error() {} };

/** The import that turns a text of the engine into a JavaScript string, whose time no instruction pays for. */
const TEXT_IMPORT = '__wbindgen_string_new';

type TextImport = (at: number, length: number) => number;

function loadGlue(): () => Glue {
  const require = createRequire(import.meta.url);
  const file = require.resolve('minijinja-js');
  const folder = dirname(file);
  const metered = meterModule(readFileSync(join(folder, 'minijinja_js_bg.wasm')), MAX_PAGES);
  const module = new WebAssembly.Module(metered);
  const run = compileFunction(
    readFileSync(file, 'utf8'),
    ['module', 'require', '__dirname', 'WebAssembly', 'FinalizationRegistry', 'console'],
    { filename: file },
  );
  // Called with new, it returns the one module: compiling it takes longer than opening an instance.
  function Module() {
    return module;
  }
  return () => {
    const exported: { exports: Partial<Glue> & Record<string, unknown> } = { exports: {} };
    const readText = (at: number, length: number) => {
      const budget = exported.exports[WASM]?.[BUDGET];
      if (budget !== undefined) budget.value = Math.max(budget.value - length, -1);
      return original?.(at, length) ?? 0;
    };
    let original: TextImport | undefined;
    class Instance extends WebAssembly.Instance {
      constructor() {
        original = exported.exports[TEXT_IMPORT] as TextImport;
        exported.exports[TEXT_IMPORT] = readText;
        super(module, { __wbindgen_placeholder__: exported.exports as WebAssembly.ModuleImports });
      }
    }
    // An abandoned instance must never be entered again, so it gets no finalizers.
    run(exported, require, folder, { Module, Instance }, undefined, silent);
    const { Environment: opened, [WASM]: wasm } = exported.exports;
    if (opened === undefined || wasm === undefined || typeof exported.exports[TEXT_IMPORT] !== 'function')
      throw new Error(`${file} has no engine that passbridge can use; reinstall the packages with npm ci`);
    return { Environment: opened, [WASM]: wasm };
  };
}
