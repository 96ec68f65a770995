import { Refusal } from '../refusal.ts';
import { checkBody } from './check-body.ts';
import { refuserFor } from './errors.ts';
import { checksFor } from './fields.ts';
import type { Service } from './service.ts';

/** Which rule a body breaks, without a socket; undefined for a good one. It is read as JSON text first, as it travels. */
export function complaintOfBody(text: string, service: Service, models: readonly string[]): string | undefined {
  try {
    checkBody(JSON.parse(text), service, (model) => models.includes(model), checksFor(refuserFor('rest')));
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.complaint ?? error.message;
    throw error;
  }
}
