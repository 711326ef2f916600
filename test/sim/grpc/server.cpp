#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include <grpcpp/grpcpp.h>

#include "talk.grpc.pb.h"
#include "test/sim/grpc/talk.hpp"

namespace sim::talk {
namespace {

class service final : public Talk::Service {
  grpc::Status Answer(grpc::ServerContext* context, const Said* asked, Said* answer) override {
    for (const auto& [name, value] : context->client_metadata()) {
      if (!name.starts_with("x-")) continue;
      context->AddInitialMetadata(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
    }
    context->AddTrailingMetadata("x-trailer", "of " + std::to_string(asked->text().size()) + " bytes");
    if (asked->text() == "fail") return {grpc::StatusCode::RESOURCE_EXHAUSTED, "as it was asked to"};
    answer->set_text(asked->text());
    return grpc::Status::OK;
  }

  grpc::Status Count(grpc::ServerContext* context, const Said* asked, grpc::ServerWriter<Said>* out) override {
    for (std::uint32_t i = 0; i < asked->count() && !context->IsCancelled(); ++i) {
      Said said;
      said.set_text(asked->text());
      said.set_count(i);
      if (!out->Write(said)) break;
    }
    return grpc::Status::OK;
  }

  grpc::Status Gather(grpc::ServerContext*, grpc::ServerReader<Said>* in, Said* answer) override {
    for (Said said; in->Read(&said);) {
      answer->mutable_text()->append(said.text());
      answer->set_count(answer->count() + 1);
    }
    return grpc::Status::OK;
  }

  grpc::Status Converse(grpc::ServerContext*, grpc::ServerReaderWriter<Said, Said>* both) override {
    for (Said said; both->Read(&said);) {
      if (!both->Write(said)) break;
    }
    return grpc::Status::OK;
  }
};

}  // namespace

void serve(const server_options& chosen) {
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({text_of(chosen.key), text_of(chosen.cert)});
  service answers;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(chosen.listen, grpc::SslServerCredentials(tls));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 256 * 1024);
  builder.RegisterService(&answers);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server) throw std::runtime_error("cannot listen on " + chosen.listen);
  std::cout << "ready " << chosen.listen << std::endl;
  server->Wait();
}

}  // namespace sim::talk
