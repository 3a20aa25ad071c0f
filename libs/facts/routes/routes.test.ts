import fc from 'fast-check';
import { GRAMMARS, type Grammar } from '../languages.js';
import { openGrammars } from '../syntax/grammars.js';
import { withTree } from '../syntax/with-tree.js';
import { resolveRoutes, routesOfFile, type RouteParts } from './routes.js';

const LANGUAGES: Readonly<Record<string, Grammar>> = {
  ts: 'TypeScript',
  tsx: 'Tsx',
  js: 'JavaScript',
  py: 'python',
  go: 'go',
  java: 'java',
};

type Files = Readonly<Record<string, string>>;
beforeAll(() => openGrammars(GRAMMARS));

function partsOf(files: Files): Map<string, RouteParts> {
  return new Map(
    Object.entries(files).map(([path, source]) => {
      const language = LANGUAGES[path.split('.').at(-1) ?? ''] as Grammar;
      const parts = withTree(language, source, (root) => routesOfFile(root, language));
      return [path, JSON.parse(JSON.stringify(parts)) as RouteParts];
    }),
  );
}

/** `file:line METHOD path`, sorted. */
function routes(files: Files): string[] {
  return [...resolveRoutes(partsOf(files))]
    .flatMap(([file, found]) => found.map(({ line, method, path }) => `${file}:${line} ${method} ${path}`))
    .sort();
}

/** Routes of one file, without its name. */
const of = (source: string, path = 'a.ts'): string[] =>
  routes({ [path]: source }).map((route) => route.replace(`${path}:`, ''));

describe('Express', () => {
  const app = "import express from 'express';\nconst app = express();\n";

  test.each([
    [
      'methods',
      "app.get('/a', h); app.del('/b', h); app.all('/c', h);",
      ['3 ANY /c', '3 DELETE /b', '3 GET /a'],
    ],
    ['a list of paths', "app.post(['/a', '/b'], h);", ['3 POST /a', '3 POST /b']],
    ['a chain', "app.route('/a')\n  .get(h)\n  .put(x, h);", ['4 GET /a', '5 PUT /a']],
    ['a constant', "const BASE = '/api';\napp.get(`${BASE}/users` + '/:id', h);", ['4 GET /api/users/:id']],
    ['a split path', "app.get('/a' + 'pi' + '/x', h);", ['3 GET /api/x']],
    ['a member of a constant', "const P = { users: '/users' };\napp.get(P.users, h);", ['4 GET /users']],
    ['a setting', "app.get('view engine'); app.get('/only');", []],
    ['other objects', "map.get('/a', 1); cache.put('/b', c); axios.post('/c', d); _.get('/d', e);", []],
    [
      'requests',
      "const r = await api.post('/a', b); api.get('/c', d).then(e); const f = () => api.put('/g', h);",
      [],
    ],
    [
      'a name inside of another function',
      "function f(app2) { const map = new Map(); map.get('/x', 1); }",
      [],
    ],
    [
      'groups in one file',
      "const api = express.Router(); app.use('/api', api); api.get('/x', h);",
      ['3 GET /api/x'],
    ],
    [
      'two mounts',
      "const r = express.Router(); app.use(['/a', '/b'], r); r.get('/x', h);",
      ['3 GET /a/x', '3 GET /b/x'],
    ],
    ['a root', "const r = express.Router(); app.use('/a/', auth(), r); r.get('/', h);", ['3 GET /a']],
    ['a class', "class S { app = express(); f() { this.app.get('/x', h); } }", ['3 GET /x']],
    ['a regular expression', 'app.get(/^\\/x$/, h);', ['3 GET /^\\/x$/']],
  ])('%s', (_what, source, expected) => {
    expect(of(app + source)).toEqual(expected.map((route) => route));
  });

  test('a router is followed through require, twice', () => {
    const found = routes({
      'app.js':
        "const app = require('express')();\nconst e = require('express'); const a = e();\na.use('/v1', require('./users')); a.use('/v2', x, require('./users'));",
      'users.js':
        "const { Router } = require('express');\nconst r = Router();\nr.get('/:id', h);\nmodule.exports = r;",
    });
    expect(found).toEqual(['users.js:3 GET /v1/:id', 'users.js:3 GET /v2/:id']);
  });

  test('routers are followed through index files, names and functions', () => {
    const found = routes({
      'src/app.ts': `${app}import { users, posts as p } from './routes/index.js';\nimport make from '@/make';\nimport * as all from './all';\nconst api = express.Router();\napp.use('/api', api);\napi.use('/u', users); api.use(p); app.use('/m', make()); app.use('/s', all.star);\nrequire('./given')(app);`,
      'src/routes/index.ts': "export { default as users } from './users';\nexport * from './posts';",
      'src/routes/users.ts':
        "import { Router } from 'express';\nconst users: Router = Router();\nusers.get('/', h);\nexport default users;",
      'src/routes/posts.ts':
        "import { Router } from 'express';\nexport const posts = Router();\nposts.get('/p', h);",
      'src/make.ts':
        "import { Router } from 'express';\nexport default function make() {\n  const r = Router();\n  r.get('/made', h);\n  return r;\n}",
      'src/all.ts': "import { Router } from 'express';\nexport const star = Router();\nstar.get('/x', h);",
      'src/given.js': "module.exports = function (app) {\n  app.get('/given', h);\n};",
    });
    expect(found).toEqual([
      'src/all.ts:3 GET /s/x',
      'src/given.js:2 GET /given',
      'src/make.ts:4 GET /m/made',
      'src/routes/posts.ts:3 GET /api/p',
      'src/routes/users.ts:3 GET /api/u',
    ]);
  });

  test('an imported application takes the routes of another file', () => {
    const found = routes({
      'app.ts': `${app}export const api = express.Router();\napp.use('/api', api);`,
      'a.ts':
        "import { api } from './app';\nimport { store } from './store';\napi.get('/x', h);\nstore.get('/y', h);",
      'store.ts': 'export const store = new Map();',
    });
    expect(found).toEqual(['a.ts:3 GET /api/x']);
  });

  test('circles and missing files give what is known', () => {
    const found = routes({
      'a.ts':
        "import { Router } from 'express';\nimport { b } from './b';\nexport const a = Router();\na.use('/a', b);\na.use('/gone', require('./gone'));\na.get('/x', h);",
      'b.ts':
        "import { Router } from 'express';\nimport { a } from './a';\nexport const b = Router();\nb.use('/b', a);\nb.get('/y', h);\nexport * from './b';",
    });
    expect(found).toEqual(['a.ts:6 GET /b/x', 'b.ts:5 GET /a/y']);
  });

  test('a path that is made at run time is named as unknown', () => {
    const parts = partsOf({ 'a.ts': `${app}app.get(prefix + '/x', h);` }).get('a.ts');
    expect([parts?.routes, parts?.unknown]).toEqual([[], [3]]);
  });
});

describe('Fastify', () => {
  test('plugins, prefixes and route objects', () => {
    const found = routes({
      'main.ts':
        "import Fastify from 'fastify';\nimport users from './users.js';\nconst app = Fastify({}).withTypeProvider<T>();\napp.register(users, { prefix: '/users' });\nawait app.register(async (scope) => {\n  scope.get<{ A: 1 }>('/in', h);\n  scope.register(users, { prefix: 'deep' });\n}, { prefix: '/v1' });\napp.route({ method: ['GET', 'PUT'], url: '/r', handler });\napp.register(import('./lazy.js'), { prefix: '/lazy' });",
      'users.ts':
        "export default fp(async function (fastify: FastifyInstance) {\n  fastify.get('/:id', h);\n});",
      'lazy.ts':
        "const plugin = async (fastify, opts) => {\n  fastify.post('/', h);\n};\nexport default plugin;",
    });
    expect(found).toEqual([
      'lazy.ts:2 POST /lazy',
      'main.ts:6 GET /v1/in',
      'main.ts:9 GET /r',
      'main.ts:9 PUT /r',
      'users.ts:2 GET /users/:id',
      'users.ts:2 GET /v1/deep/:id',
    ]);
  });
});

describe('Hono', () => {
  test('chains, base paths and mounted applications', () => {
    const found = routes({
      'index.ts':
        "import { Hono } from 'hono';\nimport books from './books';\nconst app = new Hono<Env>().basePath('/api');\napp.route('/books', books);\napp.on(['GET', 'PUT'], '/on', h);\napp.get('/x', h)\n  .post('/y', h);\nexport default app;",
      'books.ts':
        "import { Hono } from 'hono';\nconst books = new Hono()\n  .get('/', h)\n  .post('/:id', h);\nexport default books;",
    });
    expect(found).toEqual([
      'books.ts:3 GET /api/books',
      'books.ts:4 POST /api/books/:id',
      'index.ts:5 GET /api/on',
      'index.ts:5 PUT /api/on',
      'index.ts:6 GET /api/x',
      'index.ts:7 POST /api/y',
    ]);
  });
});

describe('NestJS', () => {
  test('global prefix, versions, modules with a path, lists of paths', () => {
    const found = routes({
      'src/main.ts':
        "app.setGlobalPrefix('api', { exclude: ['health'] });\napp.enableVersioning({ type: VersioningType.URI });",
      'src/app.module.ts':
        "import { Cats } from './cats';\n@Module({ imports: [RouterModule.register([{ path: 'admin', children: [{ path: 'zoo', module: Zoo }] }])] })\nexport class App {}\n@Module({ controllers: [Cats] })\nexport class Zoo {}",
      'src/cats.ts':
        "@Controller({ path: 'cats', version: '1' })\nexport class Cats {\n  @Get() a() {}\n  @Post(':id') b() {}\n}",
      'src/plain.ts':
        "@Controller(['a', 'b'])\nclass P {\n  @All('x') x() {}\n}\n@Controller()\nclass H {\n  @Get('health') h() {}\n}\nclass Resolver {\n  @Get('no') n() {}\n}",
    });
    expect(found).toEqual([
      'src/cats.ts:3 GET /api/v1/admin/zoo/cats',
      'src/cats.ts:4 POST /api/v1/admin/zoo/cats/:id',
      'src/plain.ts:3 ANY /api/a/x',
      'src/plain.ts:3 ANY /api/b/x',
      'src/plain.ts:7 GET /health',
    ]);
  });

  test('of two applications the nearer one counts', () => {
    const controller = "@Controller('x')\nexport class X {\n  @Get() x() {}\n}";
    const found = routes({
      'apps/a/main.ts': "app.setGlobalPrefix('a');",
      'apps/b/main.ts': "app.setGlobalPrefix('b');",
      'apps/a/x.ts': controller,
      'apps/b/x.ts': controller,
    });
    expect(found).toEqual(['apps/a/x.ts:3 GET /a/x', 'apps/b/x.ts:3 GET /b/x']);
  });
});

describe('Next.js', () => {
  test.each([
    [
      'src/app/(shop)/api/users/[id]/route.ts',
      'export async function GET() {}\nexport const POST = h;\nexport const helper = 1;\nexport default x;',
      ['1 GET /api/users/[id]', '2 POST /api/users/[id]'],
    ],
    [
      'app/api/[...all]/route.js',
      "export { GET, handle as PUT } from './h';",
      ['1 GET /api/[...all]', '1 PUT /api/[...all]'],
    ],
    ['app/auth/route.ts', 'export const { GET, POST } = handlers;', ['1 GET /auth', '1 POST /auth']],
    ['app/users/page.tsx', 'export default function Page() { return null }\nexport const GET = 1;', []],
    ['pages/api/users/[id].ts', 'export default function handler() {}', ['1 ANY /api/users/[id]']],
    ['apps/web/pages/api/index.ts', 'const h = 1;\nexport default h;', ['2 ANY /api']],
    ['pages/users.tsx', 'export default function Page() {}', []],
    ['lib/route.ts', 'export function GET() {}', []],
  ])('%s', (path, source, expected) => {
    expect(of(source, path)).toEqual(expected);
  });
});

describe('FastAPI', () => {
  test('routers through packages, prefixes on both sides', () => {
    const found = routes({
      'app/main.py':
        "from fastapi import FastAPI\nfrom .routers import users, items as it\nfrom app.admin import router as admin\nimport app.more\nfrom app.api import api_router\napp2 = FastAPI()\napp2.include_router(users.router, prefix='/api')\napp2.include_router(it.router)\napp2.include_router(admin, prefix='/admin')\napp2.include_router(app.more.router)\napp2.include_router(api_router, prefix='/v1')\n@app2.api_route('/multi', methods=['GET', 'POST'])\ndef m(): pass\n@cache.get('/no')\ndef n(): pass",
      'app/routers/users.py':
        "from fastapi import APIRouter\nrouter = APIRouter(prefix='/users')\n@router.get('/{id}')\nasync def a(): pass",
      'app/routers/items.py':
        "from fastapi import APIRouter\nB = '/items'\nrouter = APIRouter(prefix=B)\n@router.post('')\ndef a(): pass",
      'app/admin.py':
        "from fastapi import APIRouter\nrouter = APIRouter()\n@router.delete(path='/d')\ndef a(): pass",
      'app/more.py': "from fastapi import APIRouter\nrouter = APIRouter()\n@router.put('/m')\ndef a(): pass",
      'app/api/__init__.py': 'from .inner import api_router',
      'app/api/inner.py':
        "from fastapi import APIRouter\napi_router = APIRouter()\n@api_router.patch('/i')\ndef a(): pass",
    });
    expect(found).toEqual([
      'app/admin.py:3 DELETE /admin/d',
      'app/api/inner.py:3 PATCH /v1/i',
      'app/main.py:12 GET /multi',
      'app/main.py:12 POST /multi',
      'app/more.py:3 PUT /m',
      'app/routers/items.py:4 POST /items',
      'app/routers/users.py:3 GET /api/users/{id}',
    ]);
  });
});

describe('Flask', () => {
  test('a prefix at registration replaces the own one of the blueprint', () => {
    const found = routes({
      'app.py':
        "from flask import Flask\nfrom bp import bp, par\ndef create_app():\n    app = Flask(__name__)\n    app.register_blueprint(bp, url_prefix='/over')\n    app.register_blueprint(par)\n    @app.route('/x', methods=['PUT', 'GET'])\n    def x(): pass\n    app.add_url_rule('/v', view_func=V.as_view('v'))\n    return app",
      'bp.py':
        "from flask import Blueprint\nbp = Blueprint('a', __name__, url_prefix='/own')\npar = Blueprint('p', __name__, url_prefix='/par')\npar.register_blueprint(bp)\n@bp.route('/i/<int:id>')\ndef i(): pass",
    });
    expect(found).toEqual([
      'app.py:7 GET /x',
      'app.py:7 PUT /x',
      'app.py:9 ANY /v',
      'bp.py:5 GET /over/i/<int:id>',
      'bp.py:5 GET /par/own/i/<int:id>',
    ]);
  });

  test('a function that is handed the application', () => {
    const found = routes({
      'main.py': 'from flask import Flask\nfrom views import init\napp = Flask(__name__)\ninit(app)',
      'views.py': "def init(app):\n    @app.get('/x')\n    def x(): pass",
    });
    expect(found).toEqual(['views.py:2 GET /x']);
  });
});

describe('Django', () => {
  test('included files, lists in place, regular expressions, REST routers', () => {
    const found = routes({
      'site/urls.py':
        "from django.urls import path, include, re_path\nfrom blog import urls as blog_urls\nextra = [path('e/', v)]\nurlpatterns = [\n    path('blog/', include('blog.urls')),\n    path('again/', include(blog_urls)),\n    path('a/', include([path('b/', v)])),\n    path('x/', include((extra, 'ns'))),\n    re_path(r'^r/(?P<y>\\d+)$', v),\n    path('gone/', include('gone.urls')),\n]",
      'blog/urls.py':
        "from django.urls import path, include\nfrom rest_framework.routers import DefaultRouter\nrouter = DefaultRouter()\nrouter.register('cats', V)\nurlpatterns = [path('', v), path('<int:id>/', v)]\nurlpatterns += [path('api/', include(router.urls))]",
    });
    expect(found).toEqual([
      'blog/urls.py:4 ANY /again/api/cats/',
      'blog/urls.py:4 ANY /again/api/cats/<pk>/',
      'blog/urls.py:4 ANY /blog/api/cats/',
      'blog/urls.py:4 ANY /blog/api/cats/<pk>/',
      'blog/urls.py:5 ANY /again/',
      'blog/urls.py:5 ANY /again/<int:id>/',
      'blog/urls.py:5 ANY /blog/',
      'blog/urls.py:5 ANY /blog/<int:id>/',
      'site/urls.py:3 ANY /x/e/',
      'site/urls.py:7 ANY /a/b/',
      'site/urls.py:9 ANY /r/(?P<y>\\d+)',
    ]);
  });

  test('os.path and other calls of that name are none', () => {
    expect(of("import os\nx = [os.path('a', b)]\ny = path('z', v)", 'a.py')).toEqual([]);
  });
});

describe('Gin', () => {
  test('groups, handed on to functions of the package, of others, and to methods', () => {
    const found = routes({
      'main.go':
        'package main\nimport (\n "github.com/gin-gonic/gin"\n "ex.com/app/users"\n)\nconst base = "/v"\nfunc main() {\n r := gin.Default()\n v1 := r.Group(base + "1")\n {\n  v1.GET("/x", h)\n }\n users.Register(v1.Group("/users"))\n local(v1)\n catHandler.Routes(v1)\n r.Handle("PUT", "/h", h)\n r.Match([]string{"GET", "POST"}, "/m", h)\n cache.GET("/no", 1)\n}\nfunc local(g *gin.RouterGroup) { g.Any("/loc", h) }',
      'users/u.go':
        'package users\nimport "github.com/gin-gonic/gin"\nfunc Register(rg *gin.RouterGroup) { rg.POST("/:id", h) }\ntype CatHandler struct{}\nfunc (h *CatHandler) Routes(rg *gin.RouterGroup) { rg.GET("/cat", h.x) }\nfunc (h *DogHandler) Routes(rg *gin.RouterGroup) { rg.GET("/dog", h.x) }',
    });
    expect(found).toEqual([
      'main.go:11 GET /v1/x',
      'main.go:16 PUT /h',
      'main.go:17 GET /m',
      'main.go:17 POST /m',
      'main.go:20 ANY /v1/loc',
      'users/u.go:3 POST /v1/users/:id',
      'users/u.go:5 GET /v1/cat',
      'users/u.go:6 GET /dog',
    ]);
  });
});

describe('Spring', () => {
  test('classes, lists, constants, methods; clients are no routes', () => {
    const source =
      '@RestController\n@RequestMapping({"/a", C.B})\nclass C {\n static final String B = "/" + "b";\n @GetMapping("/x") void x() {}\n @RequestMapping(value = "/y", method = {RequestMethod.PUT, RequestMethod.GET}) void y() {}\n @PostMapping void z() {}\n @RequestMapping(path = "any") void any() {}\n}\n@FeignClient("f")\ninterface F { @GetMapping("/no") void n(); }\nclass Plain { @GetMapping("/no") void n() {} }';
    expect(of(source, 'C.java').sort()).toEqual(
      [
        '5 GET /a/x',
        '5 GET /b/x',
        '6 GET /a/y',
        '6 GET /b/y',
        '6 PUT /a/y',
        '6 PUT /b/y',
        '7 POST /a',
        '7 POST /b',
        '8 ANY /a/any',
        '8 ANY /b/any',
      ].sort(),
    );
  });
});

describe('any source', () => {
  const hints = [
    "const app = express();\napp.use('/a', app);\napp.get('/x', h",
    "@Controller('x') class { @Get(",
    "router = APIRouter(prefix='/x'\n@router.get(",
    'urlpatterns = [path(',
    'package p\nfunc f(r *gin.RouterGroup) { r.Group("/a").GET("/b", ',
    '@RestController class A { @GetMapping({',
    "export * from './a'; export default function(",
    'app.register((x) => x.register((y) => ',
  ];

  test('ends in no error, alone and together', () => {
    const file = fc.record({
      name: fc.constantFrom('a.ts', 'a.js', 'b.tsx', 'a.py', 'a.go', 'A.java'),
      head: fc.constantFrom(...hints),
      noise: fc.string({ unit: 'binary', maxLength: 60 }),
      tail: fc.constantFrom(...hints),
    });
    fc.assert(
      fc.property(fc.array(file, { minLength: 1, maxLength: 4 }), (files) => {
        const sources = Object.fromEntries(
          files.map(({ name, head, noise, tail }) => [name, head + noise + tail]),
        );
        expect(Array.isArray(routes(sources))).toBe(true);
      }),
    );
  });

  test('routers that all mount each other end, and every route stays', () => {
    const all = Array.from({ length: 12 }, (_, index) => `r${index}`);
    const source = [
      ...all.map((name) => `const ${name} = Router();`),
      ...all.flatMap((a) => all.map((b) => `${a}.use('/${a}', ${b});`)),
      ...all.map((name) => `${name}.get('/x', h);`),
    ].join('\n');
    const lines = new Set(of(source).map((route) => route.split(' ')[0]));
    expect(lines.size).toBe(all.length);
  });
});
