import { Controller, Get, Header, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { openApiDocument, type OpenApiDocument } from '#contracts/api/openapi.js';
import { found } from '../references.js';
import { docsFile, DOCS_PAGE, DOCS_POLICY } from './swagger-ui.js';

const DOCUMENT = openApiDocument();

/** What the API says of itself. */
@Controller('api')
export class DocsController {
  @Get('openapi.json')
  document(): OpenApiDocument {
    return DOCUMENT;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', DOCS_POLICY)
  @Header('x-content-type-options', 'nosniff')
  @Header('referrer-policy', 'no-referrer')
  page(): string {
    return DOCS_PAGE;
  }

  @Get('docs/:file')
  async file(
    @Param('file') name: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | Buffer> {
    const { type, content } = found(await docsFile(name), 'file', name);
    void reply.header('content-type', type).header('x-content-type-options', 'nosniff');
    return content;
  }
}
