const SCOPE = 'scope: { include: ["src/**/*.ts"] }';

/** Ten rules of the kinds that migrations ask for. */
export const TEN_RULES = `spec: 1
name: Ten rules
guard: true
rules:
  - { id: r0, ${SCOPE}, forbid: { identifiers: [legacyAuth] } }
  - { id: r1, ${SCOPE}, forbid: { identifiers: ['/^oldSession/'] } }
  - { id: r2, ${SCOPE}, require: { identifiers: [verifyToken] } }
  - { id: r3, ${SCOPE}, when: { expressions: [jwt.sign] }, require: { expressions: [process.env.JWT_SECRET] }, within: file }
  - { id: r4, ${SCOPE}, forbid: { expressions: ['/crypto\\.createCipher\\b/'] } }
  - { id: r5, ${SCOPE}, forbid: { ast: { language: TypeScript, pattern: 'eval($X)' } } }
  - { id: r6, ${SCOPE}, forbid: { sql_tables: [legacy_orders] } }
  - { id: r7, scope: { include: ["src/area-3/**"] }, forbid: { identifiers: [moment] } }
  - { id: r8, require: { files: ["docs/auth.md"] } }
  - { id: r9, ${SCOPE}, forbid: { expressions: [console.log] } }
`;

/** What one task of a migration is judged by. */
export const THREE_RULES = `spec: 1
name: Three rules
guard: true
rules:
  - { id: r0, forbid: { identifiers: [legacyAuth] } }
  - { id: r1, require: { identifiers: [authenticate] } }
  - { id: r2, require: { files: ["docs/access.md"] } }
`;
