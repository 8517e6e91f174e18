#include "state/Keys.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>

namespace carillon::fakefcm
{

namespace
{

using Certificate = std::unique_ptr<X509, void (*)(X509*)>;
using Memory = std::unique_ptr<BIO, int (*)(BIO*)>;

constexpr long day = 24L * 60 * 60;

void require(bool success, const char* act)
{
    if (success) return;
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    throw std::runtime_error(fmt::format("OpenSSL cannot {}: {}", act, reason == nullptr ? "no reason given" : reason));
}

Key checked(EVP_PKEY* key, const char* act)
{
    require(key != nullptr, act);
    return {key, EVP_PKEY_free};
}

std::string content(BIO* memory)
{
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

Memory memoryOf(const std::string& text) { return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free}; }

Certificate certificateFromPem(const std::string& pem)
{
    const Memory memory = memoryOf(pem);
    return {PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr), X509_free};
}

std::string certificatePem(X509* certificate)
{
    const Memory memory(BIO_new(BIO_s_mem()), BIO_free);
    require(PEM_write_bio_X509(memory.get(), certificate) == 1, "write a certificate");
    return content(memory.get());
}

void addExtension(X509* certificate, X509* issuer, int name, const char* value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> extension(X509V3_EXT_conf_nid(nullptr, &context, name, value),
                                                                               X509_EXTENSION_free);
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add a certificate extension");
}

Certificate makeCertificate(const char* commonName, EVP_PKEY* key, long days)
{
    Certificate certificate(X509_new(), X509_free);
    require(certificate != nullptr, "make a certificate");
    X509_set_version(certificate.get(), X509_VERSION_3);

    // Unique, because a client that kept the last run's certificate must not take this one for it.
    std::array<unsigned char, 16> serial{};
    require(RAND_bytes(serial.data(), serial.size()) == 1, "make a serial number");
    serial[0] = static_cast<unsigned char>(serial[0] & 0x7F);
    const std::unique_ptr<BIGNUM, void (*)(BIGNUM*)> number(BN_bin2bn(serial.data(), serial.size(), nullptr), BN_free);
    BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get()));

    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -day);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days * day);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME* name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>("carillon-fake-fcm"), -1, -1, 0);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(commonName), -1, -1, 0);
    return certificate;
}

} // namespace

ServerIdentity makeServerIdentity()
{
    const Key authorityKey = checked(EVP_EC_gen("P-256"), "make the authority's key");
    const Certificate authority = makeCertificate("carillon-fake-fcm test authority", authorityKey.get(), 3650);
    X509_set_issuer_name(authority.get(), X509_get_subject_name(authority.get()));
    addExtension(authority.get(), authority.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    addExtension(authority.get(), authority.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    addExtension(authority.get(), authority.get(), NID_subject_key_identifier, "hash");
    require(X509_sign(authority.get(), authorityKey.get(), EVP_sha256()) > 0, "sign the authority");

    const Key serverKey = checked(EVP_EC_gen("P-256"), "make the server's key");
    const Certificate server = makeCertificate("localhost", serverKey.get(), 365);
    X509_set_issuer_name(server.get(), X509_get_subject_name(authority.get()));
    addExtension(server.get(), authority.get(), NID_basic_constraints, "critical,CA:FALSE");
    addExtension(server.get(), authority.get(), NID_key_usage, "critical,digitalSignature");
    addExtension(server.get(), authority.get(), NID_ext_key_usage, "serverAuth");
    addExtension(server.get(), authority.get(), NID_subject_key_identifier, "hash");
    addExtension(server.get(), authority.get(), NID_authority_key_identifier, "keyid");
    addExtension(server.get(), authority.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1");
    require(X509_sign(server.get(), authorityKey.get(), EVP_sha256()) > 0, "sign the server's certificate");

    return {certificatePem(authority.get()), certificatePem(server.get()), privateKeyPem(serverKey.get())};
}

bool isUsable(const std::string& authorityPem, const std::string& serverPem)
{
    const Certificate authority = certificateFromPem(authorityPem);
    const Certificate server = certificateFromPem(serverPem);
    ERR_clear_error();
    if (!authority || !server) return false;
    const bool signedByAuthority = X509_verify(server.get(), X509_get0_pubkey(authority.get())) == 1;
    ERR_clear_error();
    time_t tomorrow = time(nullptr) + day;
    return signedByAuthority && X509_cmp_time(X509_get0_notAfter(server.get()), &tomorrow) > 0 &&
           X509_cmp_time(X509_get0_notAfter(authority.get()), &tomorrow) > 0;
}

Key makeServiceAccountKey() { return checked(EVP_RSA_gen(2048), "make the service account's key"); }

std::string privateKeyPem(EVP_PKEY* key)
{
    const Memory memory(BIO_new(BIO_s_mem()), BIO_free);
    require(PEM_write_bio_PKCS8PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1, "write a private key");
    return content(memory.get());
}

Key privateKeyFromPem(const std::string& pem)
{
    const Memory memory = memoryOf(pem);
    Key key(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    ERR_clear_error();
    return key;
}

std::string keyId(EVP_PKEY* key)
{
    unsigned char* encoded = nullptr;
    const int size = i2d_PUBKEY(key, &encoded);
    require(size > 0, "encode a public key");
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned digestSize = 0;
    const bool digested = EVP_Digest(encoded, static_cast<std::size_t>(size), digest.data(), &digestSize, EVP_sha256(), nullptr) == 1;
    OPENSSL_free(encoded);
    require(digested, "digest a public key");
    std::string id;
    for (std::size_t i = 0; i < 20; ++i) id += fmt::format("{:02x}", digest[i]);
    return id;
}

bool isSignedBy(EVP_PKEY* key, const std::string& text, const std::string& signature)
{
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const bool valid = EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
                       EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                                        reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
    ERR_clear_error();
    return valid;
}

} // namespace carillon::fakefcm
