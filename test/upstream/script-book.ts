import { parseScript } from './parse-script.ts';
import type { Script } from './script.ts';

/** When a script that a test set applies. All given conditions must hold. */
export interface ScriptRule {
  /** Only requests with this credential. */
  key?: string;
  /** Only requests for this model. */
  model?: string;
  /** Only requests to this path. */
  path?: string;
  /** Only the next N of them; then the rule is gone. */
  times?: number;
}

interface Entry {
  script: Script;
  rule: ScriptRule;
  left: number;
}

/** The scripts that tests set, newest first. */
export class ScriptBook {
  #entries: Entry[] = [];

  add(script: string | Script, rule: ScriptRule = {}): () => void {
    const entry: Entry = { script: scriptOf(script), rule, left: rule.times ?? Infinity };
    this.#entries.unshift(entry);
    return () => this.#remove(entry);
  }

  clear(): void {
    this.#entries = [];
  }

  /** The script for this request, counted as used; undefined when no rule fits. */
  take(request: { key: string | undefined; model: string; path: string }): Script | undefined {
    const found = this.#entries.find((entry) => fits(entry.rule, request));
    if (found === undefined) return undefined;
    if (--found.left <= 0) this.#remove(found);
    return found.script;
  }

  /** The script for a call that asks no model: of a rule for its path, or of a lasting one about the account's own state. */
  takeAside(request: { key: string | undefined; path: string }): Script | undefined {
    const found = this.#entries.find(({ rule, script }) => {
      const isMeant = rule.path === undefined ? isAccountState(script) && rule.times === undefined : true;
      return isMeant && rule.model === undefined && fits(rule, { ...request, model: '' });
    });
    if (found === undefined) return undefined;
    if (--found.left <= 0) this.#remove(found);
    return found.script;
  }

  #remove(entry: Entry): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
  }
}

function fits(rule: ScriptRule, request: { key: string | undefined; model: string; path: string }): boolean {
  const isKey = rule.key === undefined || rule.key === request.key;
  const isModel = rule.model === undefined || rule.model === request.model;
  return isKey && isModel && (rule.path === undefined || rule.path === request.path);
}

/** What an account is refused for whatever it asks. */
function isAccountState({ error }: Script): boolean {
  return error === 'expired' || error === 'forbidden' || error === 'suspended' || error === 'no-credit';
}

export function scriptOf(script: string | Script): Script {
  if (typeof script !== 'string') return script;
  const parsed = parseScript(script);
  if (parsed === undefined) throw new Error(`script: unknown directive in "${script}"`);
  return parsed;
}
