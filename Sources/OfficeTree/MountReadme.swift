/// What `README.txt` at the root of the mount says.
enum MountReadme {
  static func text(undoDays: Int) -> String {
    """
    This is your office as files. Copying is exporting, copying in is importing.

    users/<id>.udb        everything of one user. Copy it out to export; copy such a file in to import it:
                          the user is the one you name it after, a new name adds the user. touch adds an
                          empty user, mv renames, rm deletes. What was there before is in undo/.
    areas/<area>.odb      one area (calendars, mail, addresses ...) of all users. Read-only.
    backup/*.odb, backup/users/   the latest backup; backup/1 to backup/7 the seven before it, backup/by-date/ every one that
                          is kept, backup/backup.txt which is which. Read-only. One user as of three backups ago:
                          cp backup/3/users/alice.udb users/
    backup/update/all     touch it to back up everything now; update/<area> for one area. Read it for how the last went.
    backup/hold/          mkdir a name here and the latest backup is kept under it until you rmdir it
    archives/<name>.sar   each backup as one file: the whole office with groups and settings. latest.sar is the newest,
                          ls -t lists the newest first. Copy a .sar here to upload it (letters, digits, . _ - only):
                          it is checked whole, or refused. rm removes an upload. Both are in undo/ afterwards.
    undo/                 each user as before an import, a delete or a rename, for \(undoDays) days. Read-only.
                          To bring users back:  cp undo/<stamp>_*/*.udb users/
                          Groups:    cp -r undo/<stamp>_groups/groups/. groups/
                          Settings:  cp undo/<stamp>_settings/settings/*.toml settings/
    import/merge/         copy <id>.udb here, and the user gets everything of both: where both have an event, a card,
    import/skip/          a message, merge takes the file's and skip keeps the user's own. preview changes nothing:
    import/preview/       its report says what a copy to users/ would do. What was copied is readable for an hour.
    import/reports/       <id>.txt for each user: what the last import did, or why it was refused. Read-only.
    groups/<group>/<id>   who is in which group: folders, and an empty file for each member. mkdir and rmdir make
                          and remove groups, touch and rm add and remove members, mv renames a group.
    settings/office.toml  limits, how long undo/ keeps things, when backups are made. Edit it in place: it takes
                          effect when you save it, a wrong one is refused, and the old one stays. rm brings
                          the defaults back.
    settings/owners.toml  which Unix user owns which user's file, as in  alice = "asmith"
    settings/backup-group/<id>  who is reminded of backups:  cp groups/sales/* settings/backup-group/
    reminders/<id>        there while that member is to be asked for a backup: touch it to back up, rm it to skip today
    restore/              mkdir restore/latest stages the newest archive, any other name that one. rm there what you do
                          not want of areas/ and users/, touch groups, settings or remove-others if you do. Read
                          plan.txt; touch confirm-<code>, which stands at its end, does it; rm -r cancels.
                          touch quiet holds all other changes off for 10 minutes.
    sessions/<id>.<service>  who is logged in where: front ends touch a file each, keep touching it, and remove it
    status/health.txt     the first word is OK, WARN or FAIL
    status/errors.log     every refusal: what was wrong and what to do about it
    status/audit.log      who changed or exported what
    status/activity.txt   who reads or writes archives at this moment; status/jobs/ long work and how it ended
    status/users.txt      id, name, groups and size of each user
    status/version.txt    the program's version

    A .udb is a tar archive. Look into it with  tar tvf alice.udb, check it with  sha256sum -c SHA256SUMS
    after unpacking, or pack one yourself: office.json, ID/scheduler.ics and so on, SHA256SUMS last.

    A copy that fails changed nothing. Look at the last line of status/errors.log.

    """
  }
}
