import { defineRoute, type Route } from '../define-route.ts';
import { docsPage } from '../docs-page.ts';
import { openApiDocument, type DocumentedCall } from '../openapi.ts';
import { Reply } from '../reply.ts';

/** The API's description, for programs and for people; describes `calls` and itself. */
export function documentationRoutes(calls: readonly DocumentedCall[], version: string): Route[] {
  let document: Reply | undefined;
  // Made once, since routes do not change while a node runs, and only when asked: few nodes ever are, and its schemas
  // and text are a megabyte.
  const documentation: Route[] = [
    docs(),
    openApi(() => (document ??= Reply.json(200, openApiDocument([...calls, ...documentation], version)))),
  ];
  return documentation;
}

function openApi(document: () => Reply): Route {
  return defineRoute({
    method: 'GET',
    path: '/openapi.json',
    permission: 'any',
    tag: 'documentation',
    summary: 'This API as an OpenAPI 3.1 document',
    handler: document,
  });
}

function docs(): Route {
  return defineRoute({
    method: 'GET',
    path: '/docs',
    permission: 'any',
    tag: 'documentation',
    summary: 'This API as a page to read and try',
    mediaType: 'text/html',
    pageWithoutKey: docsPage,
    handler: () => docsPage,
  });
}
