#include "net/Tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <stdexcept>

namespace carillon::fakefcm
{

namespace
{

int chooseProtocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered, unsigned offeredSize, void*)
{
    static constexpr unsigned char preferred[] = "\x02h2\x08http/1.1";
    unsigned char* match = nullptr;
    if (SSL_select_next_proto(&match, size, preferred, sizeof preferred - 1, offered, offeredSize) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = match;
    return SSL_TLSEXT_ERR_OK;
}

} // namespace

TlsContext serverTls(const std::filesystem::path& certificateChain, const std::filesystem::path& key)
{
    TlsContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (!context) throw std::bad_alloc();
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(context.get(), chooseProtocol, nullptr);
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificateChain.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1)
    {
        throw std::runtime_error(fmt::format("cannot use {} with {}: {}; remove both to have new ones made", certificateChain.string(),
                                             key.string(), ERR_reason_error_string(ERR_peek_last_error())));
    }
    return context;
}

} // namespace carillon::fakefcm
