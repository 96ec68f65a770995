import { isJsonObject } from '../../../kit/json.ts';
import type { WireAnswer } from '../wire-event.ts';
import { refuseBare } from './errors.ts';

/** The search plugin of the portal: `{uq, page, rows}` to documents. */
export function searchAnswer(body: unknown): WireAnswer {
  if (!isJsonObject(body) || typeof body.uq !== 'string') return refuseBare();
  const { uq, page, rows, ...others } = body;
  if (!Number.isInteger(page) || !Number.isInteger(rows) || Object.keys(others).length > 0) return refuseBare();
  const doc = {
    _id: '1',
    _score: 0.9,
    title: `About ${uq}`,
    url: 'https://lakes.example/bled',
    snippet: '30 metres deep',
    hostname: 'lakes.example',
    timestamp: 1_767_571_200_000,
    timestamp_format: '2026-01-05 00:00:00',
  };
  const answer = { status: 0, success: true, message: null, rid: 'r1', data: { total: 1, docs: [doc] } };
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) };
}
