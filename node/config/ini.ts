/** One `key = value` of an INI file. */
export interface IniEntry {
  /** Upper case; empty above the first section. */
  section: string;
  key: string;
  value: string;
  /** From 1. */
  line: number;
}

export interface IniText {
  entries: IniEntry[];
  /** `line: what` for lines that are none of an INI file's, and keys that are given twice. */
  errors: string[];
}

const sectionLine = /^\[([^\]]+)\]\s*(?:[#;].*)?$/;
const entryLine = /^([^=]+?)\s*=\s*(.*)$/;

/** Whether a line, without the space around it, begins a section. */
export function isSectionLine(line: string): boolean {
  return sectionLine.test(line);
}

/** Name of the section that a line begins, in upper case; '' when it begins none. */
export function sectionNamed(line: string): string {
  return (sectionLine.exec(line)?.[1] ?? '').trim().toUpperCase();
}

/** Whether a configuration file is INI and not YAML: its first line of content is `[SECTION]` or `key = value`. */
export function looksLikeIni(text: string): boolean {
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    return sectionLine.test(line) || /^[\w.-]+\s*=/.test(line);
  }
  return false;
}

/**
 * Reads `[SECTION]` and `key = value`, with comments on lines of their own and after values (` # …`, ` ; …`). Quotes
 * around a value are taken off, and keep a `#` inside.
 */
export function parseIni(text: string, name: string): IniText {
  const entries: IniEntry[] = [];
  const errors: string[] = [];
  const seen = new Set<string>();
  let section = '';
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const head = sectionLine.exec(line);
    const entry = head === null ? entryLine.exec(line) : null;
    if (head !== null) section = sectionNamed(line);
    else if (entry === null) errors.push(`${name}:${index + 1}: neither [SECTION] nor key = value`);
    else {
      const key = (entry[1] ?? '').trim();
      const place = `${section}\n${key}`;
      if (seen.has(place)) errors.push(`[${section}] ${key}: given twice (${name}:${index + 1})`);
      seen.add(place);
      entries.push({ section, key, value: plainValue(entry[2] ?? ''), line: index + 1 });
    }
  }
  return { entries, errors };
}

function plainValue(text: string): string {
  const quoted = /^(["'])(.*?)\1\s*(?:[#;].*)?$/.exec(text);
  if (quoted !== null) return quoted[2] ?? '';
  return text.replace(/(?:^|\s+)[#;].*$/, '').trim();
}
