// Server reflection, so that grpcurl and the like need no .proto files. etcd does not have it. The descriptors are of our own
// files in /proto; they are loaded with the first request.
// Go: google.golang.org/grpc/reflection
import { StatusCode } from "../../errors";
import type { ProtoFile } from "../../proto/message";
import type {
  ServerReflectionRequest,
  ServerReflectionResponse,
  ServerReflectionService,
} from "../../proto/gen/grpc.reflection.v1";
import type { ServiceHandlers } from "./routes";

type Answer = NonNullable<ServerReflectionResponse["messageResponse"]>;

/** Both versions of the service have the same messages. `services`: the full names of all services. */
export function reflectionHandlers(
  services: () => readonly string[],
): ServiceHandlers<typeof ServerReflectionService> {
  return { serverReflectionInfo: (requests) => answers(services, requests) };
}

async function* answers(
  services: () => readonly string[],
  requests: AsyncIterable<ServerReflectionRequest>,
): AsyncGenerator<ServerReflectionResponse> {
  const { protoFiles } = await import("../../proto/gen/descriptors");
  const files = new FileAnswers(protoFiles);
  for await (const request of requests) {
    yield {
      validHost: request.host,
      originalRequest: request,
      messageResponse: answer(services, files, request.messageRequest),
    };
  }
}

function answer(
  services: () => readonly string[],
  files: FileAnswers,
  request: ServerReflectionRequest["messageRequest"],
): Answer {
  switch (request?.case) {
    case "listServices":
      return {
        case: "listServicesResponse",
        value: { service: [...services()].sort().map((name) => ({ name })) },
      };
    case "fileByFilename":
      return files.of(({ name }) => name === request.value, `no file ${request.value}`);
    case "fileContainingSymbol":
      return files.of((file) => defines(file, request.value), `no symbol ${request.value}`);
    case "fileContainingExtension":
    case "allExtensionNumbersOfType":
      return failure(StatusCode.NotFound, "no extensions");
    case undefined:
      return failure(StatusCode.InvalidArgument, "no request");
  }
}

function failure(errorCode: StatusCode, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}

/** Fields and values of enums are not listed: their message or enum is. */
function defines({ symbols }: ProtoFile, symbol: string): boolean {
  return symbols.includes(symbol) || symbols.includes(symbol.replace(/\.[^.]*$/, ""));
}

/** The files of one stream, each sent once. */
class FileAnswers {
  private readonly sent = new Set<string>();

  constructor(private readonly files: readonly ProtoFile[]) {}

  of(matches: (file: ProtoFile) => boolean, missing: string): Answer {
    const found = this.files.find(matches);
    if (found === undefined) return failure(StatusCode.NotFound, missing);
    // The file that was asked for is sent again.
    this.sent.delete(found.name);
    const fileDescriptorProto = this.withImports(found).map(({ descriptor }) =>
      Buffer.from(descriptor, "base64"),
    );
    return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
  }

  private withImports(file: ProtoFile): ProtoFile[] {
    if (this.sent.has(file.name)) return [];
    this.sent.add(file.name);
    const imported = file.imports.map((name) => this.files.find((each) => each.name === name));
    return [file, ...imported.flatMap((each) => (each === undefined ? [] : this.withImports(each)))];
  }
}
