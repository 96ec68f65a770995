/** Measures the mesh of as many nodes as its argument says, and writes the cost as JSON. */
import { costOf } from './cost-of.ts';

process.stdout.write(JSON.stringify(costOf(Number(process.argv[2]))));
