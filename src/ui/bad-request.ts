// A request that the page's own scripts would not send, or that the server refuses; with the HTTP status of the response.
export class BadRequest extends Error {
  override name = "BadRequest";
  constructor(
    message: string,
    readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 415 = 400,
  ) {
    super(message);
  }
}
