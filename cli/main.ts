#!/usr/bin/env node
// This file alone is CommonJS in plain syntax (see cli/package.json): an old Node can still read it, and says one clear
// line instead of a stack trace about an unknown file extension.
const oldestNode = 24;
if (Number(process.versions.node.split('.')[0]) < oldestNode) {
  console.error(
    `aiproxy needs Node.js ${oldestNode} or newer; this is ${process.version}. Install a newer Node.js and try again.`,
  );
  process.exit(1);
}
// Compiled code (and stripped types) is kept in the system's temporary folder: the next start takes half the time.
require('node:module').enableCompileCache?.();
void import('./program/program.ts').then(({ run }) => run(process.argv.slice(2)));
