// A gRPC server and a client that makes calls of every kind: `serve` and `call`.

#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include "net/openssl_exit.hpp"
#include "test/sim/grpc/talk.hpp"

namespace sim::talk {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace sim::talk

int main(int count, char** arguments) {
  net::keep_openssl_until_exit();
  CLI::App cli("Speaks gRPC over TLS.", "zerogravity-sim-grpc");
  sim::talk::server_options server;
  sim::talk::client_options client;
  auto* serve = cli.add_subcommand("serve", "Answers calls");
  serve->add_option("--listen", server.listen, "ADDR:PORT")->required();
  serve->add_option("--cert", server.cert, "Certificate chain, PEM")->required();
  serve->add_option("--key", server.key, "Its key, PEM")->required();
  auto* call = cli.add_subcommand("call", "Makes calls of every kind and prints what came back");
  call->add_option("--address", client.address, "ADDR:PORT")->required();
  call->add_option("--name", client.name, "The name in the server's certificate")->required();
  call->add_option("--ca", client.ca, "Who may have signed it, PEM")->required();
  cli.require_subcommand(1);
  CLI11_PARSE(cli, count, arguments);
  try {
    serve->parsed() ? sim::talk::serve(server) : sim::talk::call(client);
  } catch (const std::exception& error) {
    std::cerr << "zerogravity-sim-grpc: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
