/** Style of the page at /docs; follows the reader's light or dark setting and fits a phone. */
export const docsStyle = `
:root { color-scheme: light dark; --line: light-dark(#d5d9e0, #39404c); --soft: light-dark(#f4f6f9, #1b2027);
  --ink: light-dark(#1d2430, #dfe4ec); --quiet: light-dark(#5b6675, #98a2b3); --accent: light-dark(#2456c5, #8fb2ff); }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink);
  background: light-dark(#fff, #12161c); }
header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; justify-content: space-between; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; text-transform: capitalize; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
input, button { font: inherit; padding: .3rem .6rem; border: 1px solid var(--line); border-radius: .4rem;
  background: var(--soft); color: inherit; }
button { cursor: pointer; } :focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
#status { color: var(--quiet); }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .4rem 0; }
summary { padding: .5rem .8rem; cursor: pointer; display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: baseline; }
summary code { overflow-wrap: anywhere; }
.method { font-weight: 600; min-width: 4rem; color: var(--accent); } .permission { color: var(--quiet); font-size: .85rem; margin-left: auto; }
.body { padding: 0 .8rem .8rem; } .body h3 { font-size: .9rem; margin: .8rem 0 .2rem; color: var(--quiet); }
pre { background: var(--soft); border-radius: .4rem; padding: .6rem; overflow: auto; max-height: 24rem; font-size: .85rem; margin: .2rem 0; }
`;
