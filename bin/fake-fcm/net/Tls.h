#pragma once

#include <openssl/types.h>

#include <filesystem>
#include <memory>

namespace carillon::fakefcm
{

using TlsContext = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;

/// TLS 1.2 and newer with ALPN "h2" before "http/1.1"; a peer without ALPN gets HTTP/1.1, one that knows neither an alert.
/// Throws std::runtime_error that names the file when certificate or key cannot be used.
TlsContext serverTls(const std::filesystem::path& certificateChain, const std::filesystem::path& key);

} // namespace carillon::fakefcm
