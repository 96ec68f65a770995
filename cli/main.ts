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
keepCompiledModules();
void import('./program/program.ts').then(({ run }) => run(process.argv.slice(2)));

/**
 * Node.js keeps the modules as compiled and reads them so at the next start, which halves its time. In the user's own
 * cache folder: what stands there is run, so it may be nobody else's. Where nothing can be written, nothing is kept.
 */
function keepCompiledModules() {
  const { XDG_CACHE_HOME: cache, HOME: home } = process.env;
  const folder = cache || (home && `${home}/.cache`);
  if (folder) process.getBuiltinModule('node:module').enableCompileCache(`${folder}/aiproxy`);
}
