#include "notification/AddressHash.h"

#include <Poco/SHA2Engine.h>

namespace carillon::notification
{

std::string addressHash(const std::string& addressValue)
{
    Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
    engine.update(addressValue);
    return Poco::DigestEngine::digestToHex(engine.digest());
}

std::string addressFingerprint(const std::string& addressHash) { return addressHash.substr(0, 12); }

} // namespace carillon::notification
