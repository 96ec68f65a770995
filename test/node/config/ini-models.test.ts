import { array, assert, constantFrom, dictionary, property, record, string, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addIniModels } from '../../../node/config/ini-models.ts';
import { parseIni } from '../../../node/config/ini.ts';

const models = (given: Record<string, string>) => new Map(Object.entries(given));
const grok = models({ 'grok-4': 'xai.grok-4', 'grok-3': 'xai.grok-3' });

describe('names of models in an INI file', () => {
  it('are added below those that are there', () => {
    const before =
      '; mine\n[MODELS]\n# the big one\ngrok-4 = xai.grok-4-fast ; keep\n\n# next\n[ACCOUNT_1]\nweight = 1\n';
    expect(addIniModels(before, grok)).toBe(
      '; mine\n[MODELS]\n# the big one\ngrok-4 = xai.grok-4-fast ; keep\ngrok-3 = xai.grok-3\n\n# next\n[ACCOUNT_1]\nweight = 1\n',
    );
  });

  it('are added below comments of the section, and above those of the next', () => {
    const one = models({ a: 'b' });
    expect(addIniModels('[MODELS]\n# ours\n\n[X]\n', one)).toBe('[MODELS]\n# ours\na = b\n\n[X]\n');
    expect(addIniModels('[MODELS]\n# the next\n[X]\n', one)).toBe('[MODELS]\na = b\n# the next\n[X]\n');
    expect(addIniModels('[MODELS]\nc = d\n; of c', one)).toBe('[MODELS]\nc = d\n; of c\na = b');
    expect(addIniModels('[MODELS]\nc = d\n\n# far\n', one)).toBe('[MODELS]\nc = d\na = b\n\n# far\n');
  });

  it('keep the line ends of the file, and its last line without one', () => {
    expect(addIniModels('[MODELS]\r\na = b\r\n[X]', grok)).toBe(
      '[MODELS]\r\na = b\r\ngrok-3 = xai.grok-3\r\ngrok-4 = xai.grok-4\r\n[X]',
    );
    expect(addIniModels('[MODELS]\r\na=b', grok)).toBe('[MODELS]\r\na=b\r\ngrok-3 = xai.grok-3\r\ngrok-4 = xai.grok-4');
    expect(addIniModels('[models]', models({ a: 'b' }))).toBe('[models]\na = b');
  });

  it('get a section where there is none', () => {
    expect(addIniModels('user = x', models({ a: 'b' }))).toBe('user = x\n\n[MODELS]\na = b\n');
    expect(addIniModels('', models({ a: 'b' }))).toBe('[MODELS]\na = b\n');
  });

  it('leave out what a person has put behind a comment sign, and what stands in a second section', () => {
    expect(addIniModels('[MODELS]\n# grok-4 = xai.grok-4\n', grok)).toBe(
      '[MODELS]\n# grok-4 = xai.grok-4\ngrok-3 = xai.grok-3\n',
    );
    const twice = '[MODELS]\n[GLOBAL]\nx = 1\n[MODELS]\ngrok-4 = y\ngrok-3 = z\n';
    expect(addIniModels(twice, grok)).toBe(twice);
  });

  it('are not taken where they could not be read back', () => {
    const odd = models({
      'a b': 'c',
      '#x': 'y',
      '[z]': 'q',
      'a=b': 'c',
      ok: 'line\nbreak',
      __proto__x: 'v',
      fine: 'f',
    });
    expect(addIniModels('[MODELS]\n', odd)).toBe('[MODELS]\nfine = f\n');
  });

  const word = string({ unit: constantFrom(...'abz019.-_'), minLength: 1, maxLength: 6 }).map((each) => `m${each}`);
  const line = tuple(
    constantFrom('', '  ', '\t'),
    constantFrom(
      '',
      '# note',
      '; note',
      '[MODELS]',
      '[ models ] # here',
      '[GLOBAL]',
      '[ACCOUNT_1]',
      'mab = z',
      '#m0 = q',
      'no sense',
      'müll=ü',
    ),
    constantFrom('', ' ', ' ; end'),
  ).map((parts) => parts.join(''));
  const file = record({
    lines: array(tuple(line, constantFrom('\n', '\r\n')), { maxLength: 12 }),
    last: constantFrom('', '[MODELS]', 'm1 = 2', '# end'),
  }).map(({ lines, last }) => lines.map((pair) => pair.join('')).join('') + last);

  it('leave every other byte, are all there, and are added once', () => {
    assert(
      property(file, dictionary(word, word, { maxKeys: 5 }), (text, given) => {
        const added = addIniModels(text, models(given));
        expect(isSubsequenceOfLines(text, added)).toBe(true);
        expect(addIniModels(added, models(given))).toBe(added);
        const before = valuesOf(text);
        const after = valuesOf(added);
        for (const [key, value] of before) expect(after.get(key)).toBe(value);
        const commented = new Set([...text.matchAll(/[#;]\s*(m\w+)\s*=/g)].map(([, key]) => key));
        for (const [name, target] of Object.entries(given)) {
          const wanted = before.get(`MODELS\n${name}`) ?? (commented.has(name) ? after.get(`MODELS\n${name}`) : target);
          expect(after.get(`MODELS\n${name}`)).toBe(wanted);
        }
      }),
      { numRuns: 500 },
    );
  });
});

function valuesOf(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const { section, key, value } of parseIni(text, 'f').entries) {
    const place = `${section}\n${key}`;
    if (!values.has(place)) values.set(place, value);
  }
  return values;
}

/** True when taking one run of bytes out of `longer` gives `text`. */
function isSubsequenceOfLines(text: string, longer: string): boolean {
  let head = 0;
  while (head < text.length && text[head] === longer[head]) head++;
  let tail = 0;
  while (tail < text.length - head && text.at(-1 - tail) === longer.at(-1 - tail)) tail++;
  return head + tail === text.length;
}
