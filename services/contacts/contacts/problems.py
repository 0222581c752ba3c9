"""The kinds of refusals that only contacts knows."""

from __future__ import annotations

from chassis.http.problem_kinds import ProblemKind

PROBLEMS = (
    ProblemKind("archived", 409, "The record is archived; restore it before changing it."),
    ProblemKind(
        "duplicate", 409, "Others match exactly, and the request asked to be refused in that case."
    ),
    ProblemKind("company_cycle", 409, "A company would stand below itself."),
    ProblemKind(
        "company_tree_too_deep", 409, "Too many companies would stand one below the other."
    ),
    ProblemKind(
        "employment_overlaps",
        409,
        "The person has this title at this company already in a part of that time.",
    ),
    ProblemKind("employment_over", 409, "The employment is over already."),
    ProblemKind(
        "relation_exists", 409, "The two are related in this way already, or the other way round."
    ),
    ProblemKind("external_id_taken", 409, "Another record has this id of that system."),
    ProblemKind("changed_since", 409, "The record was changed after the import that brought it."),
    ProblemKind(
        "person_merged", 404, "The person was merged into another one, whom `detail` names."
    ),
    ProblemKind("already_merged", 409, "The person was merged into another one already."),
    ProblemKind(
        "survivor_merged",
        409,
        "Who was left by this merge was merged in turn; undo the merge that `detail` names first.",
    ),
    ProblemKind("pair_decided", 409, "It was decided already whether the two are one."),
    ProblemKind("pair_not_dismissed", 409, "Nobody has decided that the two are two."),
    ProblemKind(
        "already_looking", 409, "All people are compared already, by the job that `detail` names."
    ),
    ProblemKind(
        "reach_over_all_needed",
        403,
        "This is about all records, and needs the permission with reach over all.",
    ),
    ProblemKind("merge_undone", 409, "The merge was undone already."),
    ProblemKind(
        "custom_field_exists",
        409,
        "The tenant has a custom field with this key for these records, archived perhaps.",
    ),
    ProblemKind(
        "too_many_custom_fields", 409, "There are as many custom fields in use as there can be."
    ),
    ProblemKind(
        "interaction_kind_exists",
        409,
        "The tenant or the platform has a kind of interaction with this key, archived perhaps.",
    ),
    ProblemKind(
        "too_many_interaction_kinds",
        409,
        "There are as many kinds of interactions as there can be.",
    ),
    ProblemKind(
        "purpose_exists",
        409,
        "The tenant or the platform has a purpose with this key, archived perhaps.",
    ),
    ProblemKind("too_many_purposes", 409, "There are as many purposes as there can be."),
    ProblemKind(
        "question_exists", 409, "The tenant has a question with this key, archived perhaps."
    ),
    ProblemKind("too_many_questions", 409, "There are as many questions as there can be."),
    ProblemKind(
        "unreachable",
        409,
        "The consent has to be confirmed, and nothing reaches the person on that channel.",
    ),
    ProblemKind(
        "owner_out_of_reach",
        403,
        "Nobody gives a record to somebody whose records they cannot see.",
    ),
    ProblemKind(
        "data_export_not_ready", 409, "Not every service has told yet what it keeps of the person."
    ),
    ProblemKind("data_export_ended", 409, "The archive is kept no longer; ask for a new export."),
    ProblemKind(
        "data_exports_too_many", 409, "Too many exports of people's data are on their way."
    ),
    ProblemKind(
        "data_export_unanswered", 409, "A service has not answered for as long as it is waited for."
    ),
    ProblemKind("data_export_too_large", 409, "More is known of the person than an archive holds."),
    ProblemKind("data_export_person_gone", 409, "The person of the export is there no longer."),
    ProblemKind(
        "data_export_circle", 409, "A service tells the same again and again; it is a fault of it."
    ),
    ProblemKind(
        "data_export_file_name", 422, "A service names a file as none may be; it is a fault of it."
    ),
    ProblemKind("import_state", 409, "The import is not in a state in which this can be done."),
    ProblemKind("import_too_large", 422, "The file is larger than an import takes; split it."),
    ProblemKind("import_parts_missing", 409, "Parts of the file have not arrived yet."),
    ProblemKind("import_parts_surplus", 409, "The file has more parts than were announced."),
    ProblemKind("import_file_changed", 409, "The file was changed while it was looked at."),
    ProblemKind("import_file_gone", 409, "The file is not kept any longer; begin a new import."),
    ProblemKind("digest_mismatch", 422, "The part is not what its SHA-256 says; send it again."),
    ProblemKind("custom_field_unknown", 409, "A column names a custom field that there is not."),
    ProblemKind("duplicate_ambiguous", 409, "A row matches several people; nobody can tell whom."),
    ProblemKind("key_ambiguous", 409, "The key that people are known by belongs to several."),
    ProblemKind("key_missing", 409, "The row lacks the key that people are known by."),
    ProblemKind("person_out_of_reach", 409, "The person is out of the reach of the importer."),
    ProblemKind("in_use", 409, "The person is referred to by others, so the import keeps them."),
)
