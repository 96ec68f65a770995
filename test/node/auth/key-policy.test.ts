import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { KeyFields } from '../../../node/auth/contract.ts';
import { keyPolicy } from '../../../node/auth/key-policy.ts';
import { authMesh, dayMs, root } from './auth-mesh.ts';
