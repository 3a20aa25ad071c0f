import type { FastifyInstance } from 'fastify';
import { OPERATIONS } from '#contracts/api/operations.js';

/**
 * Notes every route below /api as it is registered.
 *
 * @returns the check for when all are: throws where routes and operations differ
 */
export function watchRoutes(server: FastifyInstance): () => void {
  const routes = new Set<string>();
  server.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) {
      if (each !== 'HEAD' && url.startsWith('/api/')) routes.add(routeName(each, url));
    }
  });
  return () => {
    const described = new Set(OPERATIONS.map(({ method, path }) => routeName(method, path)));
    const missing = [...described].filter((name) => !routes.has(name));
    const unknown = [...routes].filter((name) => !described.has(name));
    if (missing.length + unknown.length > 0) {
      throw new Error(
        `Routes and libs/contracts/api/operations.ts differ. Not served: ${missing.join(', ') || 'none'}. Not described: ${unknown.join(', ') || 'none'}.`,
      );
    }
  };
}

/** `GET /api/plans/{plan}`, from Nest's way to write parameters too. */
function routeName(method: string, path: string): string {
  return `${method.toUpperCase()} ${path.replace(/:(\w+)/g, '{$1}')}`;
}
