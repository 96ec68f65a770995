import { mkdir } from 'node:fs/promises';
import type { MemberMesh } from '../../../cluster/mesh.ts';
import type { Clock } from '../../../kit/clock.ts';
import type { Log } from '../../../kit/log.ts';
import type { Random } from '../../../kit/random.ts';
import type { Settings } from '../../config/index.ts';
