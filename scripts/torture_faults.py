"""All faults by name. Each is a function of a tally, an empty directory and a random source, for one round."""

import torture_crashes as crashes
import torture_errors as errors
import torture_limits as limits

FAULTS = {
    "power cut, ext4": crashes.power("ext4"),
    "power cut, xfs": crashes.power("xfs"),
    "power cut, commands": crashes.commands,
    "crash image": crashes.images,
    "kill": crashes.kill,
    "nth call": crashes.nth,
    "EIO on write": errors.input_output("write"),
    "EIO on fsync": errors.input_output("fsync"),
    "EIO on read": errors.input_output("read"),
    "delay": errors.delay,
    "damage": errors.damage,
    "full of bytes": limits.full("bytes"),
    "full of inodes": limits.full("inodes"),
    "read-only": limits.read_only,
    "clock": limits.clock,
    "descriptors": limits.descriptors,
    "memory": limits.memory,
}
