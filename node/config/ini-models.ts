import { isSectionLine, sectionNamed } from './ini.ts';

/** Names that an INI file can hold on both sides of its `=` and that read back as they are. */
const plainName = /^[A-Za-z0-9][\w./:@+-]*$/;

/** `key = value`, also where a person has put it behind a comment sign: then it is not wanted. */
const entryForm = /^\s*(?:[#;]\s*)?([^=\s#;[]+)\s*=/;

interface ModelsSection {
  /** Offset behind the last line that belongs to the section. */
  end: number;
  keys: Set<string>;
}

/**
 * Adds names of models to `[MODELS]` of an INI file, below what is there, as `name = target`. Names that the section
 * has already stay as they are, also those behind a comment sign; every other byte of the text stays too. A file
 * without the section gets one at its end.
 */
export function addIniModels(text: string, models: ReadonlyMap<string, string>): string {
  const section = findModels(text);
  const lines = [...models]
    .filter(([name, target]) => plainName.test(name) && plainName.test(target) && name !== '__proto__')
    .filter(([name]) => !section?.keys.has(name))
    .map(([name, target]) => `${name} = ${target}`)
    .toSorted();
  if (lines.length === 0) return text;
  const lineEnd = /\r?\n/.exec(text)?.[0] ?? '\n';
  if (section === undefined) return appended(text, ['[MODELS]', ...lines], lineEnd);
  const { end } = section;
  const head = text.slice(0, end);
  // The last line of a file may have no end: then neither has the last one now.
  if (!head.endsWith('\n')) return head + lines.map((line) => lineEnd + line).join('');
  return head + lines.map((line) => line + lineEnd).join('') + text.slice(end);
}

function appended(text: string, lines: readonly string[], lineEnd: string): string {
  const gap = text === '' ? '' : text.endsWith('\n') ? lineEnd : lineEnd + lineEnd;
  return text + gap + lines.map((line) => line + lineEnd).join('');
}

/** The section's names, of all places where it stands, and where the first of them ends. */
function findModels(text: string): ModelsSection | undefined {
  const finder = new ModelsFinder();
  let end = 0;
  for (const raw of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) finder.take(raw, (end += raw.length));
  return finder.finish();
}

class ModelsFinder {
  #found: ModelsSection | undefined;
  #place: 'outside' | 'first' | 'another' = 'outside';
  /** End of the comment lines right below the last name: they are about it, unless the next section follows at once. */
  #commentsEnd: number | undefined;

  take(raw: string, end: number): void {
    const line = raw.trim();
    if (isSectionLine(line)) return this.#enter(line, end);
    if (this.#found === undefined || this.#place === 'outside') return;
    const key = entryForm.exec(raw)?.[1];
    if (key !== undefined) this.#found.keys.add(key);
    if (this.#place === 'first') this.#extend(this.#found, line, key !== undefined, end);
  }

  finish(): ModelsSection | undefined {
    if (this.#found !== undefined) this.#found.end = this.#commentsEnd ?? this.#found.end;
    return this.#found;
  }

  #enter(line: string, end: number): void {
    const isModels = sectionNamed(line) === 'MODELS';
    this.#place = isModels ? (this.#found === undefined ? 'first' : 'another') : 'outside';
    this.#commentsEnd = undefined;
    if (this.#place !== 'first') return;
    this.#found = { end, keys: new Set() };
    this.#commentsEnd = end;
  }

  #extend(found: ModelsSection, line: string, isName: boolean, end: number): void {
    const isComment = line.startsWith('#') || line.startsWith(';');
    if (isName) found.end = end;
    if (isName || (isComment && this.#commentsEnd !== undefined)) this.#commentsEnd = end;
    else {
      found.end = this.#commentsEnd ?? found.end;
      this.#commentsEnd = undefined;
    }
  }
}
