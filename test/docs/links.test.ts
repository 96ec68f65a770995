import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const pages = ['*.md', 'docs/**/*.md', 'bench/*.md', 'test/**/*.md'].flatMap((form) => globSync(form, { cwd: root }));

/** `[text](target)` and `](target)` of images, outside of code. */
const linkForm = /\]\(([^)\s]+)\)/g;

describe('the pages', () => {
  it('link only to files that are there, and to headings that they have', () => {
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/errors.md']));
    expect(pages.flatMap((page) => brokenLinks(page, textOf(page)))).toEqual([]);
  });

  it('name only files of the repository that are there', () => {
    expect(pages.flatMap(absentFiles)).toEqual([]);
  });
});

describe('the rule itself', () => {
  it('sees a link to nothing, a heading that is not there, and no link in code', () => {
    const text = '[a](docs/nothing.md) [b](#none) [c](https://x.example) [d](#use-it)\n## Use it\n`](x.md)`';
    expect(brokenLinks('README.md', text)).toEqual(['README.md: docs/nothing.md', 'README.md: #none']);
  });
});

function textOf(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

function brokenLinks(page: string, text: string): string[] {
  const targets = [...withoutCode(text).matchAll(linkForm)].map(([, target = '']) => target);
  return targets.filter((target) => !isThere(page, text, target)).map((target) => `${page}: ${target}`);
}

function isThere(page: string, text: string, target: string): boolean {
  if (/^[a-z]+:/.test(target)) return true;
  const [path = '', heading] = target.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(root, file))) return false;
  return heading === undefined || headings(path === '' ? text : textOf(file)).includes(heading);
}

function headings(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[^]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
}

/** Paths in backticks that begin with a folder of ours and end like a file, without placeholders. */
function absentFiles(page: string): string[] {
  const form = /`((?:kit|cluster|node|cli|bench|test|docs|deploy)\/[\w./-]+\.(?:ts|md|json|yaml|conf))`/g;
  const named = [...textOf(page).matchAll(form)].map(([, path = '']) => path);
  return named.filter((path) => !existsSync(join(root, path))).map((path) => `${page}: ${path}`);
}
