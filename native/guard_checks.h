// What guards check. Each throws UserError where the operator would read or write outside its tensors, or never end.
#pragma once

#include "guard_arguments.h"

namespace torchwright {

// guard_checks.cc: lists, views, indices, numbers
void outputsApart(const Arguments&), sameSizes(const Arguments&), sameSizesAndDtypes(const Arguments&), listsNotEmpty(const Arguments&),
    listsOfOneLength(const Arguments&), fftDimensions(const Arguments&), listsOfFullLength(const Arguments&),
    insideStorage(const Arguments&), insidePool(const Arguments&), quantizationSearch(const Arguments&),
    rowsAndColumns(const Arguments&), finite(const Arguments&), notQuantized(const Arguments&), fusedLists(const Arguments&),
    contiguous(const Arguments&), exponent(const Arguments&), fewElements(const Arguments&), oneLayout(const Arguments&),
    listsOfOneLayout(const Arguments&), polynomialDegree(const Arguments&), pivotsInside(const Arguments&),
    countsAreNumbers(const Arguments&), unfolded(const Arguments&), linearCombination(const Arguments&),
    distances(const Arguments&);

// guard_networks.cc: recurrent networks, embeddings, normalisation, pooling, convolutions, losses
void packedSequence(const Arguments&), fewLayers(const Arguments&), recurrent(const Arguments&), embeddingBag(const Arguments&),
    embeddingGradient(const Arguments&), channelStatistics(const Arguments&), groupStatistics(const Arguments&),
    rowStatistics(const Arguments&), weightNorm(const Arguments&), kernelOfWeight(const Arguments&),
    moderatePadding(const Arguments&), padBackward(const Arguments&), positionsInside(const Arguments&),
    adaptivePoolGradient(const Arguments&), randomShares(const Arguments&), convolutionGradient(const Arguments&),
    gridGradient(const Arguments&), scalesFit(const Arguments&), targetsInside(const Arguments&), alignments(const Arguments&);

// guard_sparse.cc: sparse tensors
void coordinates(const Arguments&), compressedIndices(const Arguments&);

} // namespace torchwright
