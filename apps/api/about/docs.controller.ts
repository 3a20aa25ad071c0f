import { Controller, Get, Header } from '@nestjs/common';
import { openApiDocument, type OpenApiDocument } from '#contracts/api/openapi.js';
import { docsPage } from './docs-page.js';

const DOCUMENT = openApiDocument();
const PAGE = docsPage(DOCUMENT);

/** What the API says of itself. */
@Controller('api')
export class DocsController {
  @Get('openapi.json')
  document(): OpenApiDocument {
    return DOCUMENT;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
  page(): string {
    return PAGE;
  }
}
