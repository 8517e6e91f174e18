#include "fcm/AddressBook.h"

namespace carillon::fakefcm
{

Address* AddressBook::find(std::string_view text, TargetKind kind)
{
    const auto found = _addresses.find(text);
    return found == _addresses.end() || found->second.kind != kind ? nullptr : &found->second;
}

} // namespace carillon::fakefcm
